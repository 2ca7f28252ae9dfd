# make                 build bin/tamis and a link for every stage
# make deps            install the Debian packages that this needs (prints them where there is no apt)
# make check           unit tests, command-line cases, fuzz corpora; closed by prove
# make check-slurm     pipelines/slurm on a Slurm of its own, on this machine, as root (tools/deps slurm installs it)
# make SAN=address,undefined check     (or SAN=thread), in a build folder of its own
# make fuzz T=60       libFuzzer on every target, T seconds each
# make bench           every stage beside its peers, into bench/results.tsv
# make peers           the peers, into build/peers (never needed by tamis itself)
# make lint            floors, self-contained headers, spelling of options
# make demo            real input, the whole pipeline, a report
# make install PREFIX=/usr/local
# make help            this list
#
# A stage is a file: stages/NAME.c with `const struct stage stage_NAME`. Modules need no listing.

CC      ?= cc
CXX     ?= c++
SAN     ?=
PREFIX  ?= /usr/local
T       ?= 60
comma   := ,
NAME    := $(if $(SAN),$(subst $(comma),-,$(SAN)),release)
BUILD   ?= build/$(NAME)
BIN     ?= $(if $(SAN),$(BUILD)/bin,bin)
OPT     ?= -O3 -g
VERSION := 0.1.0

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wwrite-strings -Wvla -Wno-missing-field-initializers \
           $(if $(WERROR),-Werror)
CWARN   := $(WARN) -Wstrict-prototypes -Wmissing-prototypes
FLAGS   := -D_GNU_SOURCE -DTAMIS_VERSION='"$(VERSION)"' -I. -I$(BUILD) -MMD -MP -pthread -ffp-contract=off -fno-math-errno -fno-trapping-math \
           $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
# our json_object and the like stay ours: jansson has the same names
LDFLAGS += -Wl,--exclude-libs,libtamis.a
LIBS    := -lzstd -ldeflate -lz -lxxhash -lpcre2-8 -lutf8proc -luchardet -lbrotlidec \
           -ljansson -ldivsufsort -ldl -lm

# Loaded at their first use (core/late.h), under the names that the linker would have written down.
SONAME  = $(shell objdump -p "$$($(CC) -print-file-name=lib$(1).so 2>/dev/null)" 2>/dev/null | sed -n 's/ *SONAME *//p')
FLAGS   := $(FLAGS) -DLATE_CURL='"$(call SONAME,curl)"' -DLATE_LINEAR='"$(call SONAME,linear)"'

ROOMS   := core record text accel model frame extract dedup quality embed cluster tokenizer proxy shard report
LIBSRC  := $(wildcard $(addsuffix /*.c,$(ROOMS)))
STAGES  := $(sort $(wildcard stages/*.c))
LIB     := $(BUILD)/libtamis.a
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

EMU     := $(patsubst %.cu,$(BUILD)/%.o,$(wildcard accel/cuda/*.cu)) $(BUILD)/accel/emu/emu.o
NVCC    ?= $(firstword $(shell command -v nvcc) $(wildcard /usr/local/cuda/bin/nvcc))
ARCHS   := -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90

# The thread sanitizer does not see how OpenMP waits, so FAISS is left out under it.
all: $(BIN)/tamis $(if $(SAN),,$(BIN)/accel-cuda.so) $(if $(filter thread,$(SAN)),,$(BIN)/faiss_c.so)

$(BUILD)/have: tools/have
	@mkdir -p $(@D)
	@CC="$(CC)" tools/have && touch $@

$(BIN)/tamis: $(STAGES:%.c=$(BUILD)/%.o) $(BUILD)/stages.o $(BUILD)/stages/main/tamis.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(OPT) $(FLAGS) $^ $(LDFLAGS) $(LIBS) -o $@
	@tools/links $@

$(LIB): $(LIBSRC:%.c=$(BUILD)/%.o) $(EMU)
	@rm -f $@
	@ar rcs $@ $^
	@nm $@ 2>/dev/null | awk '$$2 ~ /^[TDBR]$$/ && seen[$$3]++ { print "two definitions of " $$3; bad = 1 } END { exit bad }' || { rm -f $@; false; }

# The CUDA sources twice: as C++ on accel/emu, in the library, and by nvcc, into a library of their own.
$(BUILD)/accel/cuda/%.o: accel/cuda/%.cu | $(BUILD)/have
	@mkdir -p $(@D)
	@echo "  c++ $< (emulated)"
	@$(CXX) -std=c++17 -x c++ -fno-exceptions -fno-rtti $(OPT) $(FLAGS) -Wall -Wextra -Wshadow $(if $(WERROR),-Werror) -c $< -o $@

$(BUILD)/accel/emu/emu.o: accel/emu/emu.c | $(BUILD)/have
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(OPT) $(filter-out -fsanitize=%,$(FLAGS)) $(CWARN) -c $< -o $@

$(BIN)/accel-cuda.so: $(wildcard accel/cuda/*) accel/accel.h accel/gemm.h core/err.h
ifeq ($(NVCC),)
	@echo "  accel-cuda.so is left out: no nvcc here"
else
	@echo "  nvcc accel/cuda"
	@mkdir -p $(@D)
	@$(NVCC) -std=c++17 -O3 $(ARCHS) -I. -D_GNU_SOURCE -Xcompiler -fPIC,-fvisibility=hidden -shared -o $@ $(wildcard accel/cuda/*.cu) -lcublas -Xlinker -rpath=$(abspath $(dir $(NVCC))../lib64)
endif

# FAISS's C API over Debian's archive, for order --index; a system with libfaiss_c.so does without.
FAISS   := $(wildcard /usr/include/faiss/c_api/Index_c.h)

$(BIN)/faiss_c.so: cluster/faiss/faiss_c.cpp
	@mkdir -p $(@D)
ifeq ($(FAISS),)
	@echo "  faiss_c.so is left out: no faiss/c_api here (Debian: libfaiss-dev)"
else
	@echo "  c++ $<"
	@$(CXX) -std=c++17 -O2 -Wall -Wextra -Wshadow $(if $(WERROR),-Werror) -fPIC -fvisibility=hidden -shared $< -l:libfaiss.a -fopenmp -lopenblas -o $@
endif

$(BUILD)/stages.c: $(STAGES) stages tools/stages
	@mkdir -p $(@D)
	@tools/stages $(STAGES) >$@

$(BUILD)/stages.o: $(BUILD)/stages.c
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) -c $< -o $@

$(BUILD)/%.o: %.c | $(BUILD)/have
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) $(CFLAGS) -c $< -o $@

$(BUILD)/unit/%: tests/unit/%.c tests/test.h $(LIB)
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) $(CFLAGS) $< $(LIB) $(LDFLAGS) $(LIBS) -o $@

unit: $(UNIT)

# Fuzz targets: with libFuzzer by tools/fuzz; by any compiler, over the files of their corpus.
FUZZ    := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY  := $(FUZZ:%=$(BUILD)/fuzz/replay_%)

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) $(CFLAGS) -fsanitize=fuzzer $< $(LIB) $(LDFLAGS) $(LIBS) -o $@

$(BUILD)/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) $(CFLAGS) -DCORPUS='"tests/fuzz/corpus/$*"' $< tests/fuzz/replay.c $(LIB) $(LDFLAGS) $(LIBS) -o $@

replay: $(REPLAY)

fuzz:
	@tools/fuzz $(T)

check: all unit replay
	@BIN=$(abspath $(BIN)) BUILD=$(abspath $(BUILD)) tools/check

check-slurm: all
	@tools/check tests/slurm/check.sh

# Programs of one file, beside tamis: bench/X.c, tools/X.c.
BENCH   := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c))

$(BUILD)/%: %.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(OPT) $(FLAGS) $(CWARN) $(CFLAGS) $< $(LIB) $(LDFLAGS) $(LIBS) -o $@

bench: all $(BENCH)
	@BUILD=$(BUILD) bench/run

peers:
	@tools/peers

# Under sanitizers: the unit programs and the command-line cases, not the slow scripts.
check-san: all unit replay
	@BIN=$(abspath $(BIN)) BUILD=$(abspath $(BUILD)) tools/check $(abspath $(UNIT) $(REPLAY)) tests/cli/*.t

deps:
	@tools/deps

lint:
	@CC="$(CC)" tools/lint

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install bin/tamis $(wildcard bin/*.so) $(DESTDIR)$(PREFIX)/bin
	tools/links $(DESTDIR)$(PREFIX)/bin/tamis
	tools/manual $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 tools/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tamis

demo:
	@tools/deps build check demo
	@$(MAKE) --no-print-directory all
	@tools/demo

help:
	@sed -n 's/^# make/make/p' Makefile

clean:
	rm -rf build bin/*

.PHONY: all unit replay fuzz bench peers check check-slurm check-san deps lint install demo help clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
