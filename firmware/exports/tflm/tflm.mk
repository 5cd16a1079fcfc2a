# TensorFlow Lite Micro as a library, from a tree of it.
#   TFLM=DIR        a checkout of tensorflow/tflite-micro in which `make -f
#                   tensorflow/lite/micro/tools/make/Makefile third_party_downloads` has run
#   TFLM_LIB=FILE   a library built before; then TFLM is used for its headers only
#   KERNELS=        reference (default) or cmsis_nn
#   TARGET_FLAGS=   of the processor: -mcpu=cortex-m4 -mthumb ...
# Flags that change the layout of TFLite Micro's structures must be the same in library and
# application; here they are its own.
KERNELS ?= reference
TFLM_DOWNLOADS ?= $(TFLM)/tensorflow/lite/micro/tools/make/downloads
TFLM_BUILD ?= build/tflm

ifeq ($(wildcard $(TFLM)/tensorflow/lite/micro/micro_interpreter.h),)
$(error TFLM must name a checkout of https://github.com/tensorflow/tflite-micro: make TFLM=/path/to/tflite-micro)
endif
ifeq ($(wildcard $(TFLM_DOWNLOADS)/flatbuffers/include/flatbuffers/flatbuffers.h),)
$(error TFLite Micro's own downloads are missing; run in $(TFLM): make -f tensorflow/lite/micro/tools/make/Makefile third_party_downloads)
endif

TFLM_DEFINES := -DTF_LITE_STATIC_MEMORY -DTF_LITE_DISABLE_X86_NEON -DTF_LITE_STRIP_ERROR_STRINGS
TFLM_INCLUDES := $(TFLM) $(addprefix $(TFLM_DOWNLOADS)/,flatbuffers/include gemmlowp ruy)
ifeq ($(KERNELS),reference)
TFLM_DEFINES += -DTML_TFLM_REFERENCE_KERNELS
else ifeq ($(KERNELS),cmsis_nn)
TFLM_DEFINES += -DCMSIS_NN -DKERNELS_OPTIMIZED_FOR_SPEED
TFLM_INCLUDES += $(TFLM_DOWNLOADS)/cmsis_nn $(TFLM_DOWNLOADS)/cmsis_nn/Include
else
$(error KERNELS is reference or cmsis_nn, not '$(KERNELS)')
endif
# As system headers: warnings in them are not this project's.
TFLM_FLAGS := $(TFLM_DEFINES) $(addprefix -isystem ,$(TFLM_INCLUDES))
TFLM_CXX_FLAGS := -std=c++17 -fno-rtti -fno-exceptions -fno-threadsafe-statics

ifeq ($(TFLM_LIB),)
TFLM_LIB := $(TFLM_BUILD)/libtflm.a
micro := $(TFLM)/tensorflow/lite/micro
found := $(wildcard $(addsuffix /*.cc,$(micro) $(micro)/arena_allocator $(micro)/memory_planner \
    $(micro)/tflite_bridge $(micro)/kernels \
    $(addprefix $(TFLM)/tensorflow/,lite/core/api lite/core/c lite/kernels lite/kernels/internal \
    lite/kernels/internal/reference compiler/mlir/lite/core/api compiler/mlir/lite/schema)))
# What is for its own tests, and what replaces a kernel of the same name.
found := $(filter-out %_test.cc %_test_common.cc $(micro)/fake_% $(micro)/mock_% \
    $(micro)/kernels/kernel_runner.cc $(micro)/debug_log.cc, $(found))
ifeq ($(KERNELS),cmsis_nn)
faster := $(wildcard $(micro)/kernels/cmsis_nn/*.cc)
found := $(filter-out $(addprefix $(micro)/kernels/,$(notdir $(faster))),$(found)) $(faster)
found += $(filter-out %_f16.c %_f32.c %_flt.c,$(wildcard $(TFLM_DOWNLOADS)/cmsis_nn/Source/*/*.c))
endif
TFLM_OBJECTS := $(patsubst $(TFLM)/%,$(TFLM_BUILD)/%.o,$(found))

$(TFLM_LIB): $(TFLM_OBJECTS)
	$(AR) rcs $@ $^

$(TFLM_BUILD)/%.cc.o: $(TFLM)/%.cc
	@mkdir -p $(@D)
	$(CXX) $(TARGET_FLAGS) $(TFLM_FLAGS) $(TFLM_CXX_FLAGS) -Os -w -ffunction-sections \
	    -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables -DNDEBUG \
	    -c $< -o $@

$(TFLM_BUILD)/%.c.o: $(TFLM)/%.c
	@mkdir -p $(@D)
	$(CC) $(TARGET_FLAGS) $(TFLM_FLAGS) -std=c11 -O2 -w -ffunction-sections -fdata-sections \
	    -DNDEBUG -c $< -o $@
endif
