// Senses, infers, keeps records, and hands them over. On the computer:
//   tinyml collect PORT --store records.sqlite
#include <@HEADER@>

// Your sensor comes here; app.h says what is asked for.
void tml_sensor_read(void *values) {
#if TML_CHANNELS > 0
    int16_t *const sample = static_cast<int16_t *>(values);
    for (int channel = 0; channel < TML_CHANNELS; channel++) {
        sample[channel] = static_cast<int16_t>(analogRead(A0 + channel));
    }
#else
    memset(values, 0, TML_VALUES_BYTES);
#endif
}

void setup() {
#ifdef LED_BUILTIN
    pinMode(LED_BUILTIN, OUTPUT);
#endif
    if (!tml_app_begin()) {
        for (;;) { // no memory for records
        }
    }
}

void loop() {
    if (tml_app_step()) {
        // A new record: tml_service_output() points at the model's output.
#ifdef LED_BUILTIN
        digitalWrite(LED_BUILTIN, digitalRead(LED_BUILTIN) == LOW ? HIGH : LOW);
#endif
    }
}
