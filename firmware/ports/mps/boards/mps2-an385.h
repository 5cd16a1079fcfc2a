/* Source: Arm DAI 0385, memory map; the AN386 has the same. */
#define TML_MPS_UART 0x40004000u
#define TML_MPS_UART_RECEIVE_IRQ 0u
#define TML_MPS_CLOCK_HZ 25000000u
#define TML_STORAGE 0x21000000u
#define TML_STORAGE_BYTES 0x40000u
