# make run               starts the gateway; the first time builds the engine, which takes a while
# make test              runs all tests
# make test-clients      runs real clients against the built gateway; needs Python and Node; fetches crates
# make test-clients-go   runs Go's clients of OpenAI and OpenRouter; needs Go's module proxy too
# make test-generators   runs clients generated from openapi/openapi.json against the built gateway; needs Python,
#                        Java, Node and Go
# make test-fleet        runs three gateways behind nginx, then HAProxy, and kills some of them; needs Python, both
#                        balancers and Redis
# make test-playground   uses the playground in Chromium and has axe look at it; needs Node and Chromium
# make test-readers      reads receipts with PP-OCR's models, as a page reader; needs Python
# make test-documents    reads e-invoices and codes that real producers write; needs Python and Node
# make test-models       asks real text models of up to 0.5 billion weights; needs Python and 600 MB of downloads
# make lint              checks formatting, lints, documentation and licences
# make check-metal       type-checks the engine's code for Metal where there is no Mac
# make bench             compares the engine with others; see bench/README.md
# make train, make evaluate, make calibrate   train and measure receipt-nano; see training/README.md
# make train-reader      trains the page reader; see training/README.md

CARGO ?= cargo
# Arguments for the program: make run ARGS="--config my.toml"
ARGS ?=

# Without Xcode's Metal compiler, the kernels are compiled when the program starts.
ifeq ($(shell uname -s),Darwin)
ifneq ($(shell xcrun --sdk macosx --find metal >/dev/null 2>&1 && echo yes),yes)
export MISTRALRS_METAL_PRECOMPILE = 0
endif
endif

.PHONY: run build test test-clients test-clients-go test-generators test-fleet test-playground test-readers test-documents test-models lint check-metal openapi bench engine train train-reader evaluate calibrate

run: engine
	$(CARGO) run --release --locked -- $(ARGS)

build: engine
	$(CARGO) build --release --locked

# Uses the profile of `run`, so that the engine is built only once.
test: engine
	$(CARGO) test --release --locked

# Uses each client at its pinned version, from its registry; see docs/clients.md.
test-clients: build
	python3 tests/clients/run.py

# Fetches the clients at their pinned versions from Go's module proxy.
GO_CLIENTS := $(patsubst tests/clients/%/go.mod,%,$(wildcard tests/clients/go/*/go.mod))
test-clients-go: build
	python3 tests/clients/run.py $(GO_CLIENTS)

# Uses each generator at its pinned version; see docs/clients.md.
test-generators: build
	python3 tests/generators/run.py

test-fleet: build
	python3 tests/fleet/run.py --balancer nginx
	python3 tests/fleet/run.py --balancer haproxy

# The browser is the one that CHROMIUM names; the gateway is one of fixed answers.
test-playground:
	cd tests/playground && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error && node run.mjs

# Fetches the models at their pinned version; see tests/readers/run.py.
test-readers: engine
	python3 tests/readers/run.py

# Uses each producer at its pinned version, from its registry; see tests/documents/run.py.
test-documents: build
	python3 tests/documents/run.py

# Fetches the models at their pinned digests; see tests/models/run.py.
test-models: build
	python3 tests/models/run.py

lint: engine
	$(CARGO) fmt --check
	$(CARGO) fmt --check --manifest-path tests/clients/rust/Cargo.toml
	$(CARGO) clippy --release --locked --all-targets --no-deps -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --no-deps
	$(CARGO) deny check licenses bans sources

# What a Mac compiles, but for what the system or an ARM processor alone has; see patches/metal/check.sh.
check-metal: engine
	sh patches/metal/check.sh

# Patches the published engine with patches/, and cleans a build for another processor, which would end with
# "Illegal instruction" on this one. Cargo does not notice, since its flags say "native" on both.
PROCESSOR := target/processor
engine:
	@sh patches/lay.sh
	@mkdir -p $(dir $(PROCESSOR)) && rustc --print cfg -C target-cpu=native >$(PROCESSOR).new
	@if [ -f $(PROCESSOR) ] && ! cmp -s $(PROCESSOR) $(PROCESSOR).new; then \
		echo "compiled for another processor: cleaning" && $(CARGO) clean --release; fi
	@mv $(PROCESSOR).new $(PROCESSOR)

# Writes the committed document anew, after a change of routes or of the invoice schema.
openapi: engine
	$(CARGO) run --release --locked -- openapi > openapi/openapi.json

bench: build
	python3 bench/engines.py

# SROIE is the folder of the scans; without it, only rendered receipts are used.
PYTHON ?= python3
SROIE ?=

# GATEWAY is the built program, whose page reader then reads the scans to train on.
GATEWAY ?=
train:
	SROIE="$(SROIE)" GATEWAY="$(abspath $(GATEWAY))" PYTHON="$(PYTHON)" sh training/train.sh

train-reader:
	SROIE="$(SROIE)" PYTHON="$(PYTHON)" sh training/train-reader.sh

# Measures the gateway at SERVER.
SERVER ?= http://localhost:8000
evaluate:
	cd training && $(PYTHON) -m receipt_nano.evaluate --server $(SERVER) $(if $(SROIE),--scans $(SROIE))

# The version in the name of the written calibration.
VERSION ?= 1
calibrate:
	cd training && $(PYTHON) -m receipt_nano.calibrate ../models/receipt-nano/calibration.json \
		--name receipt-nano-$(VERSION) --server $(SERVER) $(if $(SROIE),--scans $(SROIE))
