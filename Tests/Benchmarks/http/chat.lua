-- wrk script: chat completions with prepared bodies of one size, in groups that share their beginning, so that a
-- prefix-aware policy has something to find.
-- wrk ... -s chat.lua URL -- [BODY_BYTES] [BODIES] [GROUPS]
-- Ends with one line: RESULT {json}, times in microseconds.

local words = {
   "the", "server", "reads", "each", "request", "and", "chooses", "a", "worker", "for", "it", "by", "load", "prefix",
   "health", "model", "cache", "stream", "token", "answer", "queue", "latency", "memory", "engine", "batch", "prompt",
}

-- Text of exactly `length` bytes that depends on `seed` from its first word on.
local function text(seed, length)
   math.randomseed(seed)
   local parts, total = {}, 0
   while total < length do
      local word = words[math.random(#words)] .. " "
      parts[#parts + 1] = word
      total = total + #word
   end
   return table.concat(parts):sub(1, length)
end

local function body(number, groups, length)
   local group = number % groups
   local head = '{"model":"bench","messages":[{"role":"system","content":"'
   local middle = '"},{"role":"user","content":"'
   local tail = '"}],"temperature":0.7,"max_tokens":256}'
   local room = length - #head - #middle - #tail
   local shared = math.floor(room * 0.6)
   return head .. text(1000 + group, shared) .. middle .. text(100000 + number, room - shared) .. tail
end

local requests, at = {}, 0

function init(args)
   local length = tonumber(args[1]) or 700
   local count = tonumber(args[2]) or 500
   local groups = tonumber(args[3]) or 20
   for number = 1, count do
      requests[number] = wrk.format(
         "POST", "/v1/chat/completions", { ["Content-Type"] = "application/json" }, body(number, groups, length))
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests":%d,"duration_us":%d,"failed":%d,"non_2xx":%d,' ..
         '"mean_us":%.1f,"p50_us":%d,"p99_us":%d,"max_us":%d}\n',
      summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout,
      errors.status, latency.mean, latency:percentile(50), latency:percentile(99), latency.max))
end
