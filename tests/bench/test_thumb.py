"""What the estimate of cycles reads of Thumb instructions, each from its encoding."""

import struct

import pytest

from tinyml.bench.thumb import Branch, Instruction, Kind, decode, instructions

# By the encodings of DDI 0419, DDI 0403 and DDI 0553: code, kind, branch, registers of a list.
ENCODINGS = [
    ("nop", 0xBF00, Kind.OTHER, Branch.NEVER, 0),
    ("movs r0, r1", 0x0008, Kind.OTHER, Branch.NEVER, 0),
    ("mov r8, r7", 0x46B8, Kind.OTHER, Branch.NEVER, 0),
    ("mov pc, r3", 0x469F, Kind.OTHER, Branch.ALWAYS, 0),
    ("add pc, r3", 0x449F, Kind.OTHER, Branch.ALWAYS, 0),
    ("add r7, r3", 0x441F, Kind.OTHER, Branch.NEVER, 0),
    ("bx lr", 0x4770, Kind.OTHER, Branch.ALWAYS, 0),
    ("blx r3", 0x4798, Kind.OTHER, Branch.ALWAYS, 0),
    ("ldr r0, [pc, #4]", 0x4801, Kind.LOAD, Branch.NEVER, 0),
    ("str r0, [r1, r2]", 0x5088, Kind.OTHER, Branch.NEVER, 0),
    ("strb r0, [r1, r2]", 0x5488, Kind.OTHER, Branch.NEVER, 0),
    ("ldrsb r0, [r1, r2]", 0x5688, Kind.LOAD, Branch.NEVER, 0),
    ("ldr r0, [r1, r2]", 0x5888, Kind.LOAD, Branch.NEVER, 0),
    ("ldrsh r0, [r1, r2]", 0x5E88, Kind.LOAD, Branch.NEVER, 0),
    ("str r0, [r1]", 0x6008, Kind.OTHER, Branch.NEVER, 0),
    ("ldr r0, [r1]", 0x6808, Kind.LOAD, Branch.NEVER, 0),
    ("strb r0, [r1]", 0x7008, Kind.OTHER, Branch.NEVER, 0),
    ("ldrb r0, [r1]", 0x7808, Kind.LOAD, Branch.NEVER, 0),
    ("strh r0, [r1]", 0x8008, Kind.OTHER, Branch.NEVER, 0),
    ("ldrh r0, [r1]", 0x8808, Kind.LOAD, Branch.NEVER, 0),
    ("str r0, [sp]", 0x9000, Kind.OTHER, Branch.NEVER, 0),
    ("ldr r0, [sp]", 0x9800, Kind.LOAD, Branch.NEVER, 0),
    ("add r0, sp, #0", 0xA800, Kind.OTHER, Branch.NEVER, 0),
    ("cbz r0, ...", 0xB108, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("cbnz r0, ...", 0xBB08, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("sxtb r0, r0", 0xB240, Kind.OTHER, Branch.NEVER, 0),
    ("push {r4, r5, lr}", 0xB530, Kind.MULTIPLE, Branch.NEVER, 3),
    ("pop {r4, r5}", 0xBC30, Kind.MULTIPLE, Branch.NEVER, 2),
    ("pop {r4, r5, pc}", 0xBD30, Kind.MULTIPLE, Branch.ALWAYS, 3),
    ("rev r0, r0", 0xBA00, Kind.OTHER, Branch.NEVER, 0),
    ("bkpt", 0xBE00, Kind.OTHER, Branch.NEVER, 0),
    ("stmia r1!, {r2, r3}", 0xC10C, Kind.MULTIPLE, Branch.NEVER, 2),
    ("ldmia r1!, {r2, r5, r6}", 0xC964, Kind.MULTIPLE, Branch.NEVER, 3),
    ("bne ...", 0xD1FE, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("ble ...", 0xDDFE, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("udf #0", 0xDE00, Kind.OTHER, Branch.NEVER, 0),
    ("svc #0", 0xDF00, Kind.OTHER, Branch.NEVER, 0),
    ("b ...", 0xE7FE, Kind.OTHER, Branch.ALWAYS, 0),
    ("stmia.w r0!, {r4-r11}", 0xE8A00FF0, Kind.MULTIPLE, Branch.NEVER, 8),
    ("pop.w {r4-r11, pc}", 0xE8BD8FF0, Kind.MULTIPLE, Branch.ALWAYS, 9),
    ("push.w {r4-r11, lr}", 0xE92D4FF0, Kind.MULTIPLE, Branch.NEVER, 9),
    ("ldmdb r0, {r1, r2}", 0xE9100006, Kind.MULTIPLE, Branch.NEVER, 2),
    ("clrm {r0-r3}", 0xE89F000F, Kind.OTHER, Branch.NEVER, 0),
    ("sg", 0xE97FE97F, Kind.OTHER, Branch.NEVER, 0),
    ("strex r0, r1, [r2]", 0xE8421000, Kind.OTHER, Branch.NEVER, 0),
    ("ldrex r0, [r1]", 0xE8510F00, Kind.LOAD, Branch.NEVER, 0),
    ("ldrexb r0, [r1]", 0xE8D10F4F, Kind.LOAD, Branch.NEVER, 0),
    ("lda r0, [r1]", 0xE8D10FAF, Kind.LOAD, Branch.NEVER, 0),
    ("tbb [pc, r0]", 0xE8DFF000, Kind.OTHER, Branch.ALWAYS, 0),
    ("tbh [pc, r0, lsl #1]", 0xE8DFF010, Kind.OTHER, Branch.ALWAYS, 0),
    ("strd r0, r1, [r2]", 0xE9C20100, Kind.OTHER, Branch.NEVER, 0),
    ("ldrd r0, r1, [r2]", 0xE9D20100, Kind.LOAD_PAIR, Branch.NEVER, 0),
    ("ldrd r0, r1, [r2], #8", 0xE8F20102, Kind.LOAD_PAIR, Branch.NEVER, 0),
    ("ldrd r0, r1, [r2, #-8]!", 0xE9720102, Kind.LOAD_PAIR, Branch.NEVER, 0),
    ("add.w r0, r1, r2", 0xEB010002, Kind.OTHER, Branch.NEVER, 0),
    ("lsll r0, r1, #1", 0xEA50014F, Kind.OTHER, Branch.NEVER, 0),
    ("movw r0, #0", 0xF2400000, Kind.OTHER, Branch.NEVER, 0),
    ("bne.w ...", 0xF47FAFFE, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("b.w ...", 0xF7FFBFFE, Kind.OTHER, Branch.ALWAYS, 0),
    ("bl ...", 0xF7FFFFFE, Kind.OTHER, Branch.ALWAYS, 0),
    ("dsb sy", 0xF3BF8F4F, Kind.OTHER, Branch.NEVER, 0),
    ("mrs r0, primask", 0xF3EF8010, Kind.OTHER, Branch.NEVER, 0),
    ("dls lr, r0", 0xF040E001, Kind.OTHER, Branch.NEVER, 0),
    ("wls lr, r0, ...", 0xF040C001, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("le lr, ...", 0xF00FC001, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("dlstp.8 lr, r0", 0xF000E001, Kind.OTHER, Branch.NEVER, 0),
    ("wlstp.8 lr, r0, ...", 0xF000C001, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("letp lr, ...", 0xF01FC001, Kind.OTHER, Branch.CONDITIONAL, 0),
    ("vctp.8 r0", 0xF000E801, Kind.OTHER, Branch.NEVER, 0),
    ("strb.w r0, [r1]", 0xF8810000, Kind.OTHER, Branch.NEVER, 0),
    ("ldrb.w r0, [r1, #4]", 0xF8910004, Kind.LOAD, Branch.NEVER, 0),
    ("ldrsh.w r0, [r1], #2", 0xF9310B02, Kind.LOAD, Branch.NEVER, 0),
    ("ldr.w r0, [r1, r2, lsl #2]", 0xF8510022, Kind.LOAD, Branch.NEVER, 0),
    ("ldr.w pc, [r1], #4", 0xF851FB04, Kind.LOAD, Branch.ALWAYS, 0),
    ("pld [r1]", 0xF891F000, Kind.OTHER, Branch.NEVER, 0),
    ("pli [r1]", 0xF991F000, Kind.OTHER, Branch.NEVER, 0),
    ("smlad r0, r1, r2, r3", 0xFB213002, Kind.OTHER, Branch.NEVER, 0),
    ("sdiv r0, r1, r2", 0xFB91F0F2, Kind.DIVIDE, Branch.NEVER, 0),
    ("udiv r0, r1, r2", 0xFBB1F0F2, Kind.DIVIDE, Branch.NEVER, 0),
    ("smull r0, r1, r2, r3", 0xFB820103, Kind.OTHER, Branch.NEVER, 0),
    ("vldr s0, [r0]", 0xED900A00, Kind.OTHER, Branch.NEVER, 0),
    ("vldmia r0!, {s0-s3}", 0xECB00A04, Kind.MULTIPLE, Branch.NEVER, 4),
    ("vldmia r0, {d0-d1}", 0xEC900B04, Kind.MULTIPLE, Branch.NEVER, 2),
    ("vpush {d8-d15}", 0xED2D8B10, Kind.MULTIPLE, Branch.NEVER, 8),
    ("vpop {d8-d15}", 0xECBD8B10, Kind.MULTIPLE, Branch.NEVER, 8),
    ("vscclrm {s0-s3, vpr}", 0xEC9F0A04, Kind.OTHER, Branch.NEVER, 0),
    ("vmov r0, r1, d0", 0xEC510B10, Kind.OTHER, Branch.NEVER, 0),
    ("vadd.f32 s0, s1, s2", 0xEE300A81, Kind.OTHER, Branch.NEVER, 0),
    ("vseleq.f32 s0, s1, s2", 0xFE000A81, Kind.OTHER, Branch.NEVER, 0),
    ("vmrs APSR_nzcv, fpscr", 0xEEF1FA10, Kind.OTHER, Branch.NEVER, 0),
    ("vmov.32 d0[0], r0", 0xEE000B10, Kind.OTHER, Branch.NEVER, 0),
    ("vdup.32 q0, r0", 0xEEA00B10, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrb.u8 q0, [r0]", 0xED901E00, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrw.u32 q0, [r0], #16", 0xECB01F04, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrb.s16 q0, [r0]", 0xED900E80, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrh.u16 q0, [r0, q1]", 0xFC900E92, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrd.u64 q0, [r0, q1]", 0xFC900FD2, Kind.VECTOR, Branch.NEVER, 0),
    ("vldrw.u32 q0, [q1]", 0xFD921E00, Kind.VECTOR, Branch.NEVER, 0),
    ("vld20.8 {q0, q1}, [r0]", 0xFC901E00, Kind.VECTOR, Branch.NEVER, 0),
    ("vmov q0[2], q0[0], r0, r1", 0xEC010F00, Kind.VECTOR, Branch.NEVER, 0),
    ("vadd.i8 q0, q1, q2", 0xEF020844, Kind.VECTOR, Branch.NEVER, 0),
    ("vmlava.s8 r2, q0, q1", 0xEEF02F22, Kind.VECTOR, Branch.NEVER, 0),
    ("vqrdmulh.s32 q0, q0, r2", 0xFE210E62, Kind.VECTOR, Branch.NEVER, 0),
    ("vcmla.f32 q0, q1, q2, #0", 0xFC320844, Kind.VECTOR, Branch.NEVER, 0),
    ("vpst", 0xFE710F4D, Kind.OTHER, Branch.NEVER, 0),
    ("vpnot", 0xFE310F4D, Kind.OTHER, Branch.NEVER, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kind", "branch", "registers"),
    [row[1:] for row in ENCODINGS],
    ids=[row[0] for row in ENCODINGS],
)
def test_an_instruction_is_known_by_its_encoding(code, kind, branch, registers):
    assert decode(code) == Instruction(4 if code > 0xFFFF else 2, kind, branch, registers)


@pytest.mark.parametrize(
    ("first", "governed"), [(0xBF08, 1), (0xBF0C, 2), (0xBF04, 2), (0xBF02, 3), (0xBF01, 4)]
)
def test_what_an_it_governs_branches_by_its_condition(first, governed):
    code = struct.pack("<6H", first, *[0x4770] * 5)
    branches = [found.branch for _, found in instructions(code)]
    expected = [Branch.NEVER, *[Branch.CONDITIONAL] * governed, *[Branch.ALWAYS] * (5 - governed)]
    assert branches == expected


def test_instructions_follow_one_another_and_an_incomplete_one_is_left_out():
    code = struct.pack("<5H", 0xBF00, 0xFB91, 0xF0F2, 0x4770, 0xF7FF) + b"\0"
    found = [(offset, instruction.kind) for offset, instruction in instructions(code)]
    assert found == [(0, Kind.OTHER), (2, Kind.DIVIDE), (6, Kind.OTHER)]
