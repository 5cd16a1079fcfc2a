/* Source: hw/riscv/virt.c of QEMU; the board's TOML has the same addresses. */
#define TML_STORAGE 0x80800000u
#define TML_STORAGE_BYTES 0x40000u
