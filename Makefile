# The two commands are `make demo` and `make test`; the rest are their parts and longer forms.

CARGO ?= cargo
BIN   := target/debug/doorward
FUZZ_SECONDS ?= 60

.PHONY: demo test check unit replay clients doors console screens openapi docs bench fuzz parts release clean help

help: ## What there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 12

demo: ## Build and run the demo: a site for each dialect, curl lines to paste
	$(CARGO) run --release --locked --bin doorward -- demo

parts: ## Install what the tests need (Debian's packages, PyPI, npm)
	scripts/install-test-parts

test: parts check unit replay clients doors console openapi docs ## Every test; installs what it needs

check: ## Format and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

unit: ## Unit, property, contract and wire tests
	$(CARGO) test --workspace --locked

# The binary as the tests build it: another set of features would compile the dependencies a second time.
$(BIN): FORCE
	$(CARGO) test --workspace --locked --no-run
FORCE:

replay: $(BIN) ## The recordings of the real WordPress plugins
	.tools/venv/bin/python tests/replay/run --doorward $(BIN)

clients: $(BIN) ## Every client sample of the seeds, with the real clients
	tests/clients/run --doorward $(BIN)

doors: $(BIN) ## nginx, Caddy, HAProxy, Apache with the shipped examples; Traefik's and Envoy's questions
	tests/doors/run --doorward $(BIN)

console: $(BIN) ## The console before a browser: every journey, page and theme; screens in target/console-screens
	tests/console/run --doorward $(BIN)

screens: $(BIN) ## The screenshots of README.md and docs/console.md, made anew
	tests/console/screens --doorward $(BIN)

openapi: $(BIN) ## Schemathesis against the served document
	tests/clients/openapi --doorward $(BIN)

docs: $(BIN) ## The examples and tables of README.md and docs/
	tests/docs/run --doorward $(BIN)

bench: ## Benchmarks: in process (criterion), over the wire beside nginx and bare hyper, and the console before a browser
	$(CARGO) bench --workspace --locked
	bench/wire
	bench/console

fuzz: ## Every parser fed by libFuzzer, FUZZ_SECONDS each (60); `make unit` has the short form, as property tests
	command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	for target in $$($(CARGO) fuzz list); do \
	  RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none $$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=20000 || exit 1; \
	done

release: ## The release binary
	$(CARGO) build --release --locked --bin doorward

clean: ## Remove what was built
	$(CARGO) clean
