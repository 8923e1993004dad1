import { luaScript } from './lua-script.js';

/**
 * Appends one entry with its steps (none when there are no events), or writes nothing. The steps are checked first, against
 * the keys and an overlay of what the steps before them changed; then the overlay is written.
 */
export const APPEND = luaScript(`
-- KEYS[1] log: stream of entries, id <last>-0, fields p (last of the entry before) and e (packed events)
-- KEYS[2] last: the last revision
-- KEYS[3] deadlines: hash of lease to the server's time in microseconds
-- KEYS[4..] for each step of kind h, f, s, g, n, r, R, in order: its lock, session or answer
-- ARGV[1] expected revision, ARGV[2] number of events, ARGV[3] packed events, then for each step its kind and arguments:
--   h lease event    hold                 a lease ttl_us   arm         s  session must live
--   f lease          free                 d lease          disarm      g  session must be gone
--   r value ttl_ms   remember             o lease          overdue      n  answer must be new
--   R value ttl_ms   remember, stamped with the first revision
-- Answer: {0, now_us, first, last} committed
--   {1, now_us, last, entries} not the expected revision; the entries after it, at most 1000
--   {2, now_us, step, lease or nil, remaining_ms or nil, value or nil} refused; the step counts from 0
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if last ~= tonumber(ARGV[1]) then
  return {1, now, last, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', 1000)}
end
local count = tonumber(ARGV[2])
local first = count == 0 and last + 1 or math.max(last + 1, now)

local held, deadlines, answers = {}, {}, {}
local function lock(key)
  if held[key] == nil then held[key] = redis.call('GET', key) end
  return held[key] and string.match(held[key], '^(.*) %d+$')
end
local function deadline(lease)
  if deadlines[lease] == nil then
    local at = redis.call('HGET', KEYS[3], lease)
    return at and tonumber(at)
  end
  return deadlines[lease]
end
local function remembered(key)
  if answers[key] then return answers[key][1] end
  return redis.call('GET', key)
end

local key, arg, step, locks = 4, 4, 0, {}
while ARGV[arg] do
  local kind = ARGV[arg]
  if kind == 'h' then
    local holder, lease = lock(KEYS[key]), ARGV[arg + 1]
    if holder and holder ~= lease then return {2, now, step, holder} end
    held[KEYS[key]] = lease .. ' ' .. string.format('%.0f', first + ARGV[arg + 2])
    locks[KEYS[key]] = true
    key, arg = key + 1, arg + 3
  elseif kind == 'f' then
    local holder = lock(KEYS[key])
    if holder ~= ARGV[arg + 1] then return {2, now, step, holder} end
    held[KEYS[key]] = false
    locks[KEYS[key]] = true
    key, arg = key + 1, arg + 2
  elseif kind == 'a' then
    deadlines[ARGV[arg + 1]] = now + ARGV[arg + 2]
    arg = arg + 3
  elseif kind == 'd' then
    deadlines[ARGV[arg + 1]] = false
    arg = arg + 2
  elseif kind == 'o' then
    local at = deadline(ARGV[arg + 1])
    if not at then return {2, now, step} end
    if at > now then return {2, now, step, false, math.ceil((at - now) / 1000)} end
    deadlines[ARGV[arg + 1]] = false
    arg = arg + 2
  elseif kind == 's' then
    if redis.call('EXISTS', KEYS[key]) == 0 then return {2, now, step} end
    key, arg = key + 1, arg + 1
  elseif kind == 'g' then
    if redis.call('EXISTS', KEYS[key]) == 1 then return {2, now, step} end
    key, arg = key + 1, arg + 1
  elseif kind == 'n' then
    local there = remembered(KEYS[key])
    if there then return {2, now, step, false, false, there} end
    key, arg = key + 1, arg + 1
  else
    local value = ARGV[arg + 1]
    if kind == 'R' then value = value .. ' ' .. string.format('%.0f', first) end
    answers[KEYS[key]] = {value, ARGV[arg + 2]}
    key, arg = key + 1, arg + 3
  end
  step = step + 1
end

-- XADD comes first: when the server takes no writes (out of memory, a full disk, a read-only replica) it is the one that
-- fails, and nothing was written. Without it that is so too: the server stops a script at its first write, or not at all
-- (removing is allowed when memory is out, and so is then what follows it). Numbers are formatted here because Lua's
-- tostring keeps 14 digits only.
if count > 0 then
  local id = string.format('%.0f', first + count - 1)
  redis.call('XADD', KEYS[1], id .. '-0', 'p', ARGV[1], 'e', ARGV[3])
  redis.call('SET', KEYS[2], id)
end
for name in pairs(locks) do
  if held[name] then redis.call('SET', name, held[name]) else redis.call('DEL', name) end
end
for lease, at in pairs(deadlines) do
  if at then redis.call('HSET', KEYS[3], lease, string.format('%.0f', at)) else redis.call('HDEL', KEYS[3], lease) end
end
for name, answer in pairs(answers) do redis.call('SET', name, answer[1], 'PX', answer[2]) end
return {0, now, first, first + count - 1}
`);
