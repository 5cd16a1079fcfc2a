/* The serial interface of the MLPerf Tiny benchmark, so that its official runner can measure any
 * board. Source: mlcommons/tiny, benchmark/api and benchmark/runner (the commands and answers).
 *
 *   name%  profile%  timestamp%  db load N%  db HEX%  db print%  infer N W%  results%  help%
 *
 * Commands end with '%', have at most 80 characters, and are answered by lines that end with
 * m-ready. What goes wrong is e-[...]. app.toml names the benchmark and its kind of input. */
#include "model_select.h"
#include "text.h"
#include "tml/port.h"

#include <string.h>

#define COMMAND_CHARACTERS 80u
#define DEFAULT_WARMUPS 10u
#define IDLE_MS 1000u
#define PRINT_BYTES 8u /* a line */

/* How the runner sends an input: the model's elements, pixels from 0, or float32. */
#define INPUT_RAW 0
#define INPUT_PIXELS 1
#define INPUT_FLOAT 2

#if TML_MLPERF_INPUT == INPUT_FLOAT
#define LOADED_BYTES (4u * TML_MODEL_INPUT_BYTES)
#else
#define LOADED_BYTES TML_MODEL_INPUT_BYTES
#endif

static _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
#if TML_MODEL_STATE_BYTES > 0
static _Alignas(TML_ARENA_ALIGN) uint8_t state[TML_MODEL_STATE_BYTES];
#define STATE state
#else
#define STATE NULL
#endif

static uint8_t loaded[LOADED_BYTES];
static uint32_t load_bytes; /* that are expected */
static uint32_t load_offset;

static void fail(const char *why) {
    text_put("e-[");
    text_put(why);
    text_line("]");
}

static void put_timestamp(void) {
    text_put("m-lap-us-");
    text_uint(tml_port_monotonic_us());
    text_line("");
}

#if TML_MLPERF_INPUT == INPUT_FLOAT
static int8_t quantized(const tml_tensor_t *tensor, float value) {
    const float scaled = value / tensor->scale;
    const int32_t nearest = (int32_t)(scaled < 0 ? scaled - 0.5f : scaled + 0.5f);
    const int32_t element = nearest + tensor->zero_point;
    return (int8_t)(element < -128 ? -128 : element > 127 ? 127 : element);
}

static float loaded_float(uint32_t index) {
    float value;
    memcpy(&value, loaded + 4u * index, sizeof value);
    return value;
}
#endif

/* An inference may overwrite its input, so it is set before each. */
static void set_input(void) {
    const tml_tensor_t *input = &TML_MODEL.inputs[0];
    uint8_t *to = arena + input->arena_offset;
#if TML_MLPERF_INPUT == INPUT_FLOAT
    for (uint32_t i = 0; i < input->bytes; i++) {
        to[i] = (uint8_t)quantized(input, loaded_float(i));
    }
#elif TML_MLPERF_INPUT == INPUT_PIXELS
    for (uint32_t i = 0; i < input->bytes; i++) {
        to[i] = loaded[i] ^ 0x80u;
    }
#else
    memcpy(to, loaded, input->bytes);
#endif
}

static void infer_once(void) {
    set_input();
    if (TML_MODEL.reset_state != NULL) {
        TML_MODEL.reset_state(STATE);
    }
    TML_MODEL.infer(arena, STATE);
}

static float output_value(uint32_t index) {
    const tml_tensor_t *output = &TML_MODEL.outputs[0];
    const int8_t element = (int8_t)arena[output->arena_offset + index];
    return output->scale * (float)(element - output->zero_point);
}

static void put_results(void) {
    text_put("m-results-[");
#if TML_MLPERF_INPUT == INPUT_FLOAT
    /* An autoencoder's result is how ill it restores its input: the mean squared error. */
    const uint32_t count = TML_MODEL.outputs[0].bytes;
    float sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const float error = output_value(i) - loaded_float(i);
        sum += error * error;
    }
    text_fixed(sum / (float)count);
#else
    for (uint32_t i = 0; i < TML_MODEL.outputs[0].bytes; i++) {
        text_put(i > 0 ? "," : "");
        text_fixed(output_value(i));
    }
#endif
    text_line("]");
}

static void infer(uint32_t count, uint32_t warmups) {
    text_put("m-warmup-start-");
    text_uint(warmups);
    text_line("");
    for (uint32_t i = 0; i < warmups; i++) {
        infer_once();
    }
    text_line("m-warmup-done");
    text_put("m-infer-start-");
    text_uint(count);
    text_line("");
    put_timestamp();
    for (uint32_t i = 0; i < count; i++) {
        infer_once();
    }
    put_timestamp();
    text_line("m-infer-done");
    put_results();
}

static void on_infer(char **rest) {
    uint32_t count = 1;
    uint32_t warmups = DEFAULT_WARMUPS;
    const char *word = text_word(rest);
    if (word != NULL && (!text_number(word, &count) || count == 0)) {
        fail("Inference iterations must be >0");
        return;
    }
    word = text_word(rest);
    if (word != NULL && !text_number(word, &warmups)) {
        fail("Inference warmup must be >=0");
        return;
    }
    if (load_offset != LOADED_BYTES) { /* bytes were lost: a result would count as a true one */
        fail("The input is not loaded in full");
        return;
    }
    infer(count, warmups);
}

static void on_load(char **rest) {
    const char *word = text_word(rest);
    uint32_t bytes;
    if (word == NULL || !text_number(word, &bytes) || bytes == 0) {
        fail("Command 'db load' requires the # of bytes");
        return;
    }
    if (bytes > LOADED_BYTES) {
        load_bytes = 0;
        load_offset = 0;
        fail("Supplied buffer size exceeds the model's input");
        return;
    }
    load_bytes = bytes;
    load_offset = 0;
    text_put("m-[Expecting ");
    text_uint(bytes);
    text_line(" bytes]");
}

static void on_hex(const char *digits) {
    if (strlen(digits) % 2u != 0) {
        fail("Insufficient number of hex digits");
        return;
    }
    for (; *digits != '\0' && load_offset < load_bytes; digits += 2) {
        const int high = text_hex(digits[0]);
        const int low = text_hex(digits[1]);
        if (high < 0 || low < 0) {
            fail("Invalid hex digit");
            return;
        }
        loaded[load_offset++] = (uint8_t)(16 * high + low);
        if (load_offset == load_bytes) {
            text_line("m-load-done");
        }
    }
}

static void on_print(void) {
    for (uint32_t i = 0; i < load_bytes; i++) {
        text_put(i % PRINT_BYTES == 0 ? "m-buffer-" : "-");
        text_hex_byte(loaded[i]);
        if (i % PRINT_BYTES == PRINT_BYTES - 1u || i == load_bytes - 1u) {
            text_line("");
        }
    }
}

static void on_db(char **rest) {
    const char *word = text_word(rest);
    if (word == NULL) {
        fail("Command 'db' requires a subcommand");
    } else if (strcmp(word, "load") == 0) {
        on_load(rest);
    } else if (strcmp(word, "print") == 0) {
        on_print();
    } else {
        on_hex(word);
    }
}

static void on_help(void) {
    text_line("name, profile, timestamp, db load N, db HEX, db print, infer N [W=10], results");
}

static void obey(char *command) {
    char *rest = command;
    const char *word = text_word(&rest);
    if (word == NULL) {
        fail("Empty command");
    } else if (strcmp(word, "name") == 0) {
        text_line("m-name-dut-[tinyml " TML_MLPERF_BOARD "]");
    } else if (strcmp(word, "profile") == 0) {
        text_line("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
        text_line("m-model-[" TML_MLPERF_MODEL "]");
    } else if (strcmp(word, "timestamp") == 0) {
        put_timestamp();
    } else if (strcmp(word, "db") == 0) {
        on_db(&rest);
    } else if (strcmp(word, "infer") == 0) {
        on_infer(&rest);
    } else if (strcmp(word, "results") == 0) {
        put_results();
    } else if (strcmp(word, "help") == 0) {
        on_help();
    } else {
        text_put("e-[Unknown command: ");
        text_put(word);
        text_line("]");
    }
    text_line("m-ready");
}

int main(int argc, char **argv) {
    static char command[COMMAND_CHARACTERS + 1u];
    uint32_t used = 0;
    tml_port_init(argc, argv);
    text_line("m-init-done");
    text_line("m-ready");
    for (;;) {
        uint8_t byte;
        if (tml_port_uart_read(&byte, 1) == 0) {
            tml_port_idle(IDLE_MS);
        } else if (byte == '%') {
            command[used] = '\0';
            used = 0;
            obey(command);
        } else if (used < COMMAND_CHARACTERS && byte != '\r' && byte != '\n') {
            command[used++] = (char)byte;
        }
    }
}
