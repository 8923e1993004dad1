import { luaScript } from './lua-script.js';

/** Entries after a position, with what is needed to tell whether the log goes on from there. */
export const READ = luaScript(`
-- KEYS[1] log, KEYS[2] last
-- ARGV[1] position, ARGV[2] at most so many entries
-- Answer: {now_us, last, entries}
local time = redis.call('TIME')
return {
  time[1] * 1000000 + time[2],
  tonumber(redis.call('GET', KEYS[2]) or '0'),
  redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2]),
}
`);

/** Saves a snapshot unless a newer one is there, or its revision is not the end of an entry. */
export const SAVE_SNAPSHOT = luaScript(`
-- KEYS[1] log, KEYS[2] last, KEYS[3] snapshot: hash of revision and data
-- ARGV[1] revision, ARGV[2] data
-- Answer: 1 saved, 0 not
local saved = tonumber(redis.call('HGET', KEYS[3], 'revision') or '0')
if saved >= tonumber(ARGV[1]) then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  local id = ARGV[1] .. '-0'
  if #redis.call('XRANGE', KEYS[1], id, id) == 0 then return 0 end
end
redis.call('HSET', KEYS[3], 'revision', ARGV[1], 'data', ARGV[2])
return 1
`);

/** Drops entries up to a position, but none that the snapshot does not cover or that come after a bookmark. */
export const TRIM = luaScript(`
-- KEYS[1] log, KEYS[2] snapshot, KEYS[3] bookmarks: hash of positions by reader
-- ARGV[1] drop entries up to this revision
-- Answer: how many were dropped
local saved = tonumber(redis.call('HGET', KEYS[2], 'revision') or '0')
local limit = math.min(saved, tonumber(ARGV[1]))
for _, position in ipairs(redis.call('HVALS', KEYS[3])) do limit = math.min(limit, tonumber(position)) end
if limit < 1 then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', limit + 1) .. '-0')
`);
