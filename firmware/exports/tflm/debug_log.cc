/* Where TensorFlow Lite Micro's messages go: nowhere. A board that has room for them prints here;
 * the library must then be built without TF_LITE_STRIP_ERROR_STRINGS. */
#include "tensorflow/lite/micro/debug_log.h"

extern "C" void DebugLog(const char *, va_list) {
}

extern "C" int DebugVsnprintf(char *buffer, size_t bytes, const char *, va_list) {
    if (bytes > 0) {
        buffer[0] = '\0';
    }
    return 0;
}
