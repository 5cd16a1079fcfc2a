/* Source: Arm DAI 0505, memory map (secure aliases) and interrupts. */
#define TML_MPS_UART 0x50200000u
#define TML_MPS_UART_RECEIVE_IRQ 32u
#define TML_MPS_FPGAIO 0x50302000u
#define TML_MPS_FPGAIO_HZ 20000000u
#define TML_MPS_I2C                                                                                \
    { 0x50207000u, 0x50208000u, 0x5020C000u, 0x5020D000u } /* touch, audio, shields */
#define TML_MPS_PART_UART 0x50201000u
#define TML_MPS_PART_UART_RECEIVE_IRQ 34u
