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

# what it would take
$ tamis proxy train --plan -s small in.jsonl
small: 85151232 parameters, 8.19e+06 tokens in 1000 steps
memory: 324 MiB of parameters, 974 of gradient and moments, 1165 of activations, 86 beside; then the documents' tokens

# wrong ones
$ tamis proxy train in.jsonl
! tamis proxy train: the model needs a folder: -o FOLDER
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
