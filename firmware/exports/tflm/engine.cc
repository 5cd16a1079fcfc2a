/* A model behind TensorFlow Lite Micro, with the interface of tml/model.h.
 *
 * The state is TFLite Micro's arena: it lasts. The arena of that interface holds only inputs and
 * outputs, in the places that it names; they are copied, because TFLite Micro chooses its own. */
#include "engine.h"

#include "model_select.h"
#include "tflm_model.h"

#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

#include <cstring>
#include <new>

static_assert(TML_ARENA_ALIGN >= 16, "TFLite Micro aligns its arena to 16 bytes");
#ifdef TML_TFLM_ENUM_BYTES
static_assert(sizeof(TfLiteFusedActivation) <= TML_TFLM_ENUM_BYTES,
              "the arena was computed for short enums: leave -fno-short-enums out, or define "
              "TML_TFLM_ARENA_BYTES");
#endif

namespace {

tflite::MicroInterpreter *interpreter;
uint8_t *memory; // the state that the interpreter lives in
tml_tflm_status_t status = TML_TFLM_NOT_STARTED;

/* Objects that last, without a constructor that would run before main. */
alignas(tflite::MicroInterpreter) uint8_t interpreter_place[sizeof(tflite::MicroInterpreter)];
alignas(tml_tflm_resolver_t) uint8_t resolver_place[sizeof(tml_tflm_resolver_t)];

tml_tflm_status_t start(uint8_t *state) {
    const tflite::Model *model = tflite::GetModel(tml_tflm_model_data);
    if (model->version() != TFLITE_SCHEMA_VERSION) {
        return TML_TFLM_OTHER_SCHEMA;
    }
    tml_tflm_resolver_t *resolver = new (resolver_place) tml_tflm_resolver_t;
    if (tml_tflm_register(*resolver) != kTfLiteOk) {
        return TML_TFLM_NO_OPERATOR;
    }
    if (interpreter != nullptr) {
        interpreter->~MicroInterpreter();
    }
    interpreter = new (interpreter_place)
        tflite::MicroInterpreter(model, *resolver, state, TML_MODEL_STATE_BYTES);
    return interpreter->AllocateTensors() == kTfLiteOk ? TML_TFLM_OK : TML_TFLM_ARENA_TOO_SMALL;
}

} // namespace

extern "C" tml_tflm_status_t tml_tflm_status(void) {
    return status;
}

extern "C" size_t tml_tflm_arena_used_bytes(void) {
    return status == TML_TFLM_OK ? interpreter->arena_used_bytes() : 0;
}

extern "C" void TML_TFLM_RESET_STATE(uint8_t *state) {
    if (interpreter == nullptr || state != memory) {
        memory = state;
        status = start(state);
    } else if (status == TML_TFLM_OK && interpreter->Reset() != kTfLiteOk) {
        status = TML_TFLM_FAILED;
    }
}

extern "C" void TML_TFLM_INFER(uint8_t *arena, uint8_t *) {
    const tml_model_t &model = TML_MODEL;
    if (status == TML_TFLM_OK) {
        for (uint16_t i = 0; i < model.input_count; i++) {
            const tml_tensor_t &input = model.inputs[i];
            std::memcpy(interpreter->input(i)->data.raw, arena + input.arena_offset, input.bytes);
        }
        if (interpreter->Invoke() != kTfLiteOk) {
            status = TML_TFLM_FAILED;
        }
    }
    for (uint16_t i = 0; i < model.output_count; i++) {
        const tml_tensor_t &output = model.outputs[i];
        if (status == TML_TFLM_OK) {
            std::memcpy(arena + output.arena_offset, interpreter->output(i)->data.raw,
                        output.bytes);
        } else {
            std::memset(arena + output.arena_offset, 0, output.bytes);
        }
    }
}
