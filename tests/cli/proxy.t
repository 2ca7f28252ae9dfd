# proxy: train, evaluate, sample

$ awk 'BEGIN { for (i = 0; i < 120; i++) { printf "{\"id\":%d,\"domain\":\"%s\",\"text\":\"", i, i % 3 ? "easy" : "hard"; srand(i); for (j = 0; j < 120; j++) printf "%c", i % 3 ? 97 + j % 3 : 97 + int(rand() * 26); print "\"}" } }' >in.jsonl
$ tamis proxy train -j$THREADS --steps 12 --warmup 2 --batch 4 -L 64 --rate 4e-3 --eval 6 in.jsonl -o m | grep -o '.*easy [0-9].[0-9]'
12 steps, 3072 tokens; held-out loss: easy 1.1
$ ls m
config.json
log.jsonl
model.safetensors
$ wc -l <m/log.jsonl
14
$ head -1 m/log.jsonl | grep -o '^{"step":1,"tokens":256,"loss":5'
{"step":1,"tokens":256,"loss":5
$ cat m/config.json
{
  "model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "float32", "hidden_act": "silu",
  "vocab_size": 257, "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 4,
  "num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 64,
  "rope_theta": 10000, "rms_norm_eps": 1e-05, "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false,
  "bos_token_id": 256, "eos_token_id": 256,
  "tamis": {"size": "nano", "parameters": 836864, "steps": 12, "tokens": 3072, "seed": 0, "tokenizer": null}
}
$ tamis proxy eval -j$THREADS -m m in.jsonl | cut -d, -f1-2
{"domain":"easy","documents":80
{"domain":"hard","documents":40
{"all":true,"tokens":14520
$ tamis proxy sample -m m -n 10 --temperature 0 -p ab | cut -c1-2
ab

# weights of domains
$ echo '{"weights":{"hard":2,"easy":0}}' >w.json
$ tamis proxy train -q --steps 2 --batch 4 --eval 0 -L 64 -w w.json in.jsonl -o h
$ grep -c easy h/log.jsonl
1
$ echo '{"soft":1}' >w.json
$ tamis proxy train -q --steps 2 --batch 4 -w w.json in.jsonl -o h
! tamis proxy train: w.json: no domain of these documents has a weight above 0
? 1

# shards of pack are read too, a domain each
$ tamis tokenizer train -q -V 300 in.jsonl -o t.json
$ tamis filter -q 'domain == "easy"' in.jsonl -o easy.jsonl
$ tamis pack -q -m t.json in.jsonl -o both
$ tamis pack -q -m t.json easy.jsonl -o easy
$ tamis proxy train -q -t t.json --held 0.2 --steps 2 --batch 4 -L 64 --eval 0 both.json easy.json -o s
$ tail -1 s/log.jsonl | grep -o '"both"\|"easy"'
"both"
"easy"
$ tamis proxy eval -m s both.json easy.json | cut -d, -f1-3
{"domain":"both","documents":120,"tokens":4737
{"domain":"easy","documents":80,"tokens":160
{"all":true,"tokens":4897,"loss":5.672305
$ tamis proxy train -q -t t.json both.json in.jsonl -o s
! tamis proxy train: in.jsonl: documents and shards do not go together
! hint: tamis proxy train --help
? 2
$ tamis proxy train -q both.json -o s
! tamis proxy train: shards need their tokenizer, and have no scores
! hint: tamis proxy train --help
? 2

# where to cut a score: below 0.5 is noise
$ awk 'BEGIN { for (i = 0; i < 400; i++) { good = i % 10 / 10; printf "{\"id\":%d,\"scores\":{\"good\":%.2f},\"text\":\"", i, good; srand(i); for (j = 0; j < 100; j++) printf "%c", (good > 0.45) ? 97 + (i + j) % 7 : 97 + int(rand() * 26); print "\"}" } }' >scored.jsonl
$ tamis proxy sweep -j$THREADS --cuts 0,0.5 --seeds 2 --steps 15 --warmup 3 --batch 4 -L 64 --rate 4e-3 --held 0.1 scored.jsonl -o sweep.json | sed 's/[0-9]\.[0-9]* nats.*/X nats/; s/\(seed .*\):.*/\1/'
cut 0, seed 0
cut 0, seed 1
cut 0.5, seed 0
cut 0.5, seed 1
no clear choice: cut 0.5 is ahead of 0 by X nats
$ grep -o '"cut": [0-9.]*, "documents": [0-9]*, "tokens": [0-9]*\|"best.*' sweep.json
"cut": 0, "documents": 366, "tokens": 36966
"cut": 0.5, "documents": 184, "tokens": 18584
"best": 0.5, "certain": false,
$ tamis proxy sweep --equal documents --cuts 0,0.5,0.8 --seeds 1 --steps 2 --warmup 1 --batch 4 -L 64 --held 0.1 scored.jsonl | grep -o '"documents": [0-9]*\|one seed does.*'
"documents": 78
"documents": 72
"documents": 68
one seed does not say whether that is noise"
$ tamis proxy sweep --cuts 0.5,0.2 scored.jsonl
! tamis proxy sweep: --cuts: "0.5,0.2" are not rising numbers
! hint: tamis proxy sweep --help
? 2
$ tamis proxy sweep --cuts 0.5 --steps 2 <scored.jsonl
! tamis proxy sweep: documents are read once a cut: give files
! hint: tamis proxy sweep --help
? 2
$ tamis proxy sweep --cuts 2 --steps 2 scored.jsonl
! tamis proxy sweep: no document has text and "scores.good" of at least 2
? 1

# what it would take
$ tamis proxy train --plan -s small in.jsonl
small: 85151232 parameters, 8.19e+06 tokens in 1000 steps
memory: 324 MiB of parameters, 974 of gradient and moments, 1165 of activations, 84 beside; then the documents' tokens, and 324 when it is written

# wrong ones
$ tamis proxy train in.jsonl
! tamis proxy train: the output is no stream: give -o FOLDER
! hint: tamis proxy train --help
? 2
$ tamis proxy train -s huge in.jsonl -o m
! tamis proxy train: --size: "huge" is not nano, micro, mini or small
! hint: tamis proxy train --help
? 2
$ tamis proxy train --steps 5 --batch 6 --micro 4 in.jsonl -o m
! tamis proxy train: 4 rows at once do not divide the 6 of a step
! hint: tamis proxy train --help
? 2
$ tamis proxy train --memory 1K in.jsonl -o m
! tamis proxy train: the documents are more than 1 KiB of tokens
! hint: raise --memory, or take a sample: tamis docs --sample
? 1
$ tamis proxy eval -m none in.jsonl
! tamis proxy eval: could not open file none/model.safetensors: No such file or directory
? 3
$ tamis proxy eval -m m none.jsonl
! tamis proxy eval: could not open file none.jsonl: No such file or directory
? 3
