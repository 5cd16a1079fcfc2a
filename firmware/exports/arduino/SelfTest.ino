// Runs the model on a known input and prints PASS: does this board compute what it should?
#include <@HEADER@>

alignas(TML_ARENA_ALIGN) static uint8_t arena[TML_MODEL_ARENA_BYTES];
#if TML_MODEL_STATE_BYTES > 0
alignas(TML_ARENA_ALIGN) static uint8_t state[TML_MODEL_STATE_BYTES];
#else
static uint8_t *const state = nullptr;
#endif

void setup() {
    Serial.begin(115200);
}

void loop() {
    const uint32_t wrong = tml_self_test(&TML_MODEL, &tml_self_test_vector, arena, state);
    Serial.println(wrong == 0 ? "PASS" : "FAIL");
    delay(1000);
}
