#pragma once

typedef enum { kTfLiteActNone = 0, kTfLiteActRelu } TfLiteFusedActivation;
typedef enum { kTfLiteOk = 0, kTfLiteError = 1 } TfLiteStatus;
