/* As much of TFLite Micro as an exported engine calls. Its inputs and outputs are the arena's first
 * and second half; it computes nothing. Source: TFLite Micro's documentation, "Get started". */
#pragma once

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

#include <stddef.h>
#include <stdint.h>

struct TfLiteTensor {
    union {
        uint8_t *raw;
    } data;
};

namespace tflite {

class MicroInterpreter {
  public:
    MicroInterpreter(const Model *, const MicroOpResolver &, uint8_t *arena, size_t bytes)
        : input_{{arena}}, output_{{arena + bytes / 2}}, bytes_(bytes) {
    }
    TfLiteStatus AllocateTensors() {
        return kTfLiteOk;
    }
    TfLiteStatus Invoke() {
        return kTfLiteOk;
    }
    TfLiteStatus Reset() {
        return kTfLiteOk;
    }
    TfLiteTensor *input(size_t) {
        return &input_;
    }
    TfLiteTensor *output(size_t) {
        return &output_;
    }
    size_t arena_used_bytes() const {
        return bytes_;
    }

  private:
    TfLiteTensor input_;
    TfLiteTensor output_;
    size_t bytes_;
};

} // namespace tflite
