/* Source: Arm DAI 0385, memory map; the AN386 has the same. */
#define TML_MPS_UART 0x40004000u
#define TML_MPS_UART_RECEIVE_IRQ 0u
#define TML_MPS_FPGAIO 0x40028000u
#define TML_MPS_FPGAIO_HZ 25000000u
#define TML_MPS_I2C                                                                                \
    { 0x40022000u, 0x40023000u, 0x40029000u, 0x4002A000u } /* touch, audio, shields */
#define TML_MPS_PART_UART 0x40005000u
#define TML_MPS_PART_UART_RECEIVE_IRQ 2u
