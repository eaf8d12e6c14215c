# Every target does its own set-up: on a fresh machine with the Swift toolchain, apt and Python, `make run` and
# `make test` are all there is to know.

SWIFT ?= swift
CONFIG ?= release

.PHONY: help run build dist test conformance check bench bench-tokenizer bench-templates bench-parsers fuzz format clean

help: ## show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## start two simulated workers and the gateway on 127.0.0.1:30000
	@scripts/run

build: ## release build: .build/release/smg and .build/release/libsmg.so
	@scripts/setup build
	@scripts/build

test: ## every test
	@scripts/setup build test
	@scripts/test

conformance: ## tokenizers and templates against the reference libraries, a million texts a family; about 20 minutes
	@scripts/setup build test
	@scripts/conformance-templates
	@scripts/conformance-tokenizers

dist: ## self-contained program, library and headers in dist/
	@scripts/setup build static
	@scripts/build-release

check: ## format, layering, warnings as errors
	@scripts/setup build
	@scripts/check

bench: build ## compare with nginx and sglang-router; takes about 8 minutes
	@scripts/setup bench
	@scripts/bench

bench-tokenizer: ## encoding against gigatoken and Hugging Face; takes about 2 minutes
	@scripts/setup build test
	@scripts/bench-tokenizer

bench-templates: ## chat templates against jinja2
	@scripts/setup build test
	@scripts/bench-templates

bench-parsers: ## throughput and cost per delta of the tool-call parsers
	@scripts/setup build
	@scripts/bench-parsers

fuzz: ## libFuzzer on every parser, a minute each
	@scripts/setup build
	@scripts/fuzz

format: ## rewrite the sources in the house style
	@$(SWIFT) format -i --recursive --parallel Sources Tests Package.swift

clean: ## remove build products
	rm -rf .build .build-* .cache
