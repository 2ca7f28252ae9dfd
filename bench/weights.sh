# weights.sh - DoReMi, DoGE and RegMix on domains.jsonl with two planted domains. At its default sizes about three quarters of an hour of two cores.
# SPDX-License-Identifier: Apache-2.0
show "bench/weights_table"
