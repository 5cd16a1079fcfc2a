/* tinyml's node has no system below it. TFLite Micro and the C++ library refer to functions of one
 * without ever calling them; these keep the C library's, which want more, out of the image. Only
 * `tinyml build` takes this file. */
#include <stdlib.h>

void *_sbrk(int bytes);
void __cxa_pure_virtual(void);

/* Stops where a debugger finds it. */
void abort(void) {
    for (;;) {
    }
}

void __cxa_pure_virtual(void) {
    abort();
}

/* There is no heap. */
__attribute__((weak)) void *_sbrk(int bytes) {
    (void)bytes;
    return (void *)-1;
}
