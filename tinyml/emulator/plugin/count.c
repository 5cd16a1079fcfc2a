/* A QEMU plugin that counts how often each instruction is executed, exactly.
 *
 * Arguments: map=FILE, base=ADDRESS, bytes=SIZE. FILE is mapped and shared with the host: one
 * 64-bit counter for every two bytes from ADDRESS on; the last one counts whatever lies elsewhere.
 *
 * The prototypes are those of QEMU's public plugin interface (docs/devel/tcg-plugins), of which no
 * header is packaged. Compiled with PLUGIN_VERSION as the emulator wants it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
typedef void (*translated_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*executed_t)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translated_t callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
#if PLUGIN_VERSION == 1
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int add_u64,
                                                void *pointer, uint64_t value);
#else
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            executed_t callback, int flags, void *data);
#endif

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

static uint64_t *counters;
static uint64_t base;
static uint64_t slots;

#if PLUGIN_VERSION != 1
static void executed(unsigned int vcpu, void *data) {
    (void)vcpu;
    ++*(uint64_t *)data;
}
#endif

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    const size_t count = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        const uint64_t slot = (qemu_plugin_insn_vaddr(instruction) - base) / 2;
        uint64_t *counter = &counters[slot < slots ? slot : slots];
#if PLUGIN_VERSION == 1
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, 0, counter, 1);
#else
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, 0, counter);
#endif
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                               char **argv) {
    (void)info;
    const char *path = NULL;
    uint64_t bytes = 0;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "map=", 4) == 0) {
            path = argv[i] + 4;
        } else if (strncmp(argv[i], "base=", 5) == 0) {
            base = strtoull(argv[i] + 5, NULL, 0);
        } else if (strncmp(argv[i], "bytes=", 6) == 0) {
            bytes = strtoull(argv[i] + 6, NULL, 0);
        }
    }
    slots = bytes / 2;
    const int file = path == NULL ? -1 : open(path, O_RDWR);
    if (file < 0) {
        return 1;
    }
    counters =
        mmap(NULL, (slots + 1) * sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (counters == MAP_FAILED) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
