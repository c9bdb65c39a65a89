# `make` alone lists the targets. `demo` and `test` need cargo, cc, make and python3, nothing more.
.DEFAULT_GOAL := help
CARGO ?= cargo

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## two stations on this machine exchange files; prints what happens and why
	$(CARGO) build --release --locked --bin oftp
	python3 examples/demo/demo.py --oftp $${CARGO_TARGET_DIR:-target}/release/oftp

test: ## every test
	$(CARGO) test --workspace --locked
	@$(MAKE) --no-print-directory python-test

python-test: ## tests and types of the Python package, built and installed as pip does it
	python3 bindings/python/run_tests.py $(PYTEST)

bench: ## benchmarks, each beside its baseline in the same run
	$(CARGO) bench --locked -p oftp-core
	$(CARGO) bench --locked -p oftp-station
	$(CARGO) bench --locked -p oftp-ffi --bench c_api
	python3 bindings/python/run_tests.py --benches

lint: ## formatting and lints, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

header: ## include/oftp.h anew, from the C library's source
	OFTP_WRITE_HEADER=1 $(CARGO) test --locked -q -p oftp-ffi --test header

# Where the C library goes. LIBDIR is relative to PREFIX; DESTDIR is put before all, for packages.
PREFIX ?= /usr/local
LIBDIR ?= lib
PROFILE ?= release
built = $${CARGO_TARGET_DIR:-target}/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
export DESTDIR

lib: ## the C library, shared and static, in target/release
	$(CARGO) build --locked --profile $(PROFILE) -p oftp-ffi

install: lib ## the C library, its headers, pkg-config and CMake files to PREFIX
	oftp-ffi/package/install.sh install "$(built)" "$(PREFIX)" "$(LIBDIR)"

uninstall: ## what install has put there
	oftp-ffi/package/install.sh uninstall "$(built)" "$(PREFIX)" "$(LIBDIR)"

abi: ## oftp-ffi/abi anew: what the C library exports, and where members of structures are
	OFTP_WRITE_SYMBOLS=1 $(CARGO) test --locked -q -p oftp-ffi --test installed symbols
	OFTP_WRITE_LAYOUT=1 $(CARGO) test --locked -q -p oftp-ffi --test layout

doc: ## reference documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --document-private-items

docs: doc ## the documentation site in target/docs/html, its examples run (needs graphviz)
	docs/build.sh

deny: ## licences, advisories, sources (needs cargo-deny)
	$(CARGO) deny --locked check

tsan: ## the C library's thread tests under ThreadSanitizer
	python3 oftp-ffi/tests/tools/tsan.py

FUZZ_SECONDS ?= 60
FUZZ_TARGETS = wire stream session pair cms challenge response
fuzz: ## every fuzz target for FUZZ_SECONDS (needs cargo-fuzz and a C++ compiler)
	@for target in $(FUZZ_TARGETS); do \
	  echo "fuzz $$target"; \
	  mkdir -p fuzz/found/$$target; \
	  $(CARGO) fuzz run -s none $$target fuzz/found/$$target fuzz/corpus/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; \
	done
.PHONY: help demo test python-test bench lint header lib install uninstall abi doc docs deny tsan fuzz
