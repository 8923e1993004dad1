import { luaScript } from './lua-script.js';

/** Starts deadlines anew. */
export const TOUCH = luaScript(`
-- KEYS[1] deadlines: hash of lease to the server's time in microseconds
-- ARGV[1] 1: only leases without a deadline, 0: only leases with one; then for each lease its name and ttl_us
-- Answer: {now_us, 1 done or 0 not, ...}
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wanted = ARGV[1] == '1' and 0 or 1
local answer = {now}
for arg = 2, #ARGV, 2 do
  local done = redis.call('HEXISTS', KEYS[1], ARGV[arg]) == wanted
  if done then redis.call('HSET', KEYS[1], ARGV[arg], string.format('%.0f', now + ARGV[arg + 1])) end
  answer[#answer + 1] = done and 1 or 0
end
return answer
`);

/** Looks deadlines up. */
export const DEADLINES = luaScript(`
-- KEYS[1] deadlines
-- ARGV[1..] leases
-- Answer: {now_us, the server's time of each deadline in microseconds or nil, ...}
local time = redis.call('TIME')
local answer = {time[1] * 1000000 + time[2]}
for arg = 1, #ARGV do answer[#answer + 1] = redis.call('HGET', KEYS[1], ARGV[arg]) end
return answer
`);
