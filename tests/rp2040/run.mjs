// A UF2 in rp2040js: node run.mjs FILE.uf2. Prints the TCP port that is UART0, then runs.
//
// It does what the chip's ROM does: checks the CRC of the second boot stage, copies it to the end of
// the RAM and calls it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';

const require = createRequire(process.env.RP2040JS_FROM + '/');
const { RP2040 } = require('rp2040js');

const FLASH = 0x10000000;
const RAM = 0x20000000;
const BOOT_COPY = 0x20041f00;
const BOOT_BYTES = 256;

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    }
  }
  return crc >>> 0;
}

const file = fs.readFileSync(process.argv[2]);
const chip = new RP2040();
const { clock } = chip;
chip.logger = { debug() {}, info() {}, warn() {}, error() {} };
const boot = () => {
  const stage = chip.flash.subarray(0, BOOT_BYTES);
  if (crc32(stage.subarray(0, BOOT_BYTES - 4)) !== new DataView(stage.buffer, stage.byteOffset).getUint32(BOOT_BYTES - 4, true)) {
    console.error('the second boot stage has a wrong CRC');
    process.exit(1);
  }
  chip.sram.set(stage, BOOT_COPY - RAM);
  chip.core.PC = BOOT_COPY;
};
for (let at = 0; at < file.length; at += 512) {
  const address = file.readUInt32LE(at + 12);
  chip.flash.set(file.subarray(at + 32, at + 32 + file.readUInt32LE(at + 16)), address - FLASH);
}
boot();

let client = null;
let waiting = [];
chip.uart[0].onByte = (byte) => client?.write(Uint8Array.of(byte));
const server = net.createServer((socket) => {
  client = socket;
  socket.setNoDelay(true);
  socket.on('data', (data) => waiting.push(...data));
  socket.on('error', () => {});
  socket.on('close', () => { client = null; });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

const NANOSECONDS_A_CYCLE = 8;
function run() {
  for (let i = 0; i < 200000; i++) {
    if (waiting.length > 0 && chip.uart[0].rxFIFO.itemCount < 16) {
      chip.uart[0].feedByte(waiting.shift());
    }
    if (chip.core.waiting) {
      clock.tick(Math.min(clock.nanosToNextAlarm || 1000, 100000));
      if (waiting.length === 0) break;
    } else {
      clock.tick(chip.core.executeInstruction() * NANOSECONDS_A_CYCLE);
    }
  }
  setTimeout(run, 0);
}
run();
