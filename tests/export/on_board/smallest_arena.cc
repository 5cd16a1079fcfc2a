// Runs the model in smaller and smaller arenas and prints each size that worked, as
// "<bytes> PASS". The first that does not ends it: with "<bytes> FAIL", or with a fault.
#include "model_select.h"
#include "self_test_vector.h"
#include "tflm_model.h"

#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

#include <cstring>
#include <new>

extern "C" {
#include "tml/port.h"
int main(void);
}

namespace {

alignas(16) uint8_t arena[TML_TFLM_ARENA_BYTES];
alignas(tflite::MicroInterpreter) uint8_t place[sizeof(tflite::MicroInterpreter)];
alignas(tml_tflm_resolver_t) uint8_t resolver_place[sizeof(tml_tflm_resolver_t)];

void print(uint32_t number, const char *text) {
    char digits[12];
    size_t at = sizeof digits;
    do {
        digits[--at] = static_cast<char>('0' + number % 10u);
        number /= 10u;
    } while (number > 0);
    tml_port_uart_write(reinterpret_cast<const uint8_t *>(digits + at), sizeof digits - at);
    tml_port_uart_write(reinterpret_cast<const uint8_t *>(text), std::strlen(text));
}

bool works(const tml_tflm_resolver_t &resolver, size_t bytes) {
    std::memset(arena, 0xA5, sizeof arena);
    // At the end of the room, so that what lies beyond stays the same.
    auto *interpreter = new (place) tflite::MicroInterpreter(
        tflite::GetModel(tml_tflm_model_data), resolver, arena + sizeof arena - bytes, bytes);
    if (interpreter->AllocateTensors() != kTfLiteOk) {
        return false;
    }
    const uint8_t *given = tml_self_test_vector.input;
    for (size_t i = 0; i < interpreter->inputs_size(); i++) {
        std::memcpy(interpreter->input(i)->data.raw, given, interpreter->input(i)->bytes);
        given += interpreter->input(i)->bytes;
    }
    if (interpreter->Invoke() != kTfLiteOk) {
        return false;
    }
    const uint8_t *expected = tml_self_test_vector.output;
    for (size_t i = 0; i < interpreter->outputs_size(); i++) {
        const TfLiteTensor *output = interpreter->output(i);
        if (std::memcmp(output->data.raw, expected, output->bytes) != 0) {
            return false;
        }
        expected += output->bytes;
    }
    return true;
}

} // namespace

int main(void) {
    uint8_t byte;
    tml_port_init(0, nullptr);
    while (tml_port_uart_read(&byte, 1) == 0) {
    }
    auto *resolver = new (resolver_place) tml_tflm_resolver_t;
    tml_tflm_register(*resolver);
    for (size_t bytes = sizeof arena; bytes >= 16; bytes -= 16) {
        const bool passed = works(*resolver, bytes);
        print(static_cast<uint32_t>(bytes), passed ? " PASS\n" : " FAIL\n");
        if (!passed) {
            break;
        }
    }
    for (;;) {
    }
}
