/* Source: Arm DAI 0547, memory map and interrupts. */
#define TML_MPS_UART 0x59303000u
#define TML_MPS_UART_RECEIVE_IRQ 33u
#define TML_MPS_FPGAIO 0x59302000u
#define TML_MPS_FPGAIO_HZ 20000000u /* hw/arm/mps2-tz.c of QEMU */
#define TML_MPS_I2C                                                                                \
    { 0x59200000u, 0x59201000u, 0x59205000u, 0x59206000u } /* touch, audio, shields */
#define TML_MPS_PART_UART 0x59304000u
#define TML_MPS_PART_UART_RECEIVE_IRQ 35u
