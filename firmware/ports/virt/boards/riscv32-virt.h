/* Source: hw/riscv/virt.c of QEMU; the board's TOML has the same addresses. */
#define TML_VIRT_STORAGE 0x80800000u
#define TML_VIRT_STORAGE_BYTES 0x40000u
