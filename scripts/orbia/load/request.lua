-- Requests of one kind for wrk, with a user and a conversation drawn anew for each.
-- Arguments: kind, file of lines "user conversation token", and "statuses" to count the answers by
-- status and to look for Retry-After in every 503. That has wrk copy each answer's headers and body
-- into Lua, which costs it a good part of its speed.

local next_request
local conversations, tokens = {}, {}

local function of_conversation(c) return '{"conversation_id":' .. c .. '}' end

-- A kind is an endpoint and what makes its body of a conversation.
local kinds = {
    get_messages = { "get_messages", of_conversation },
    get_conversation = { "get_conversation", of_conversation },
    get_conversations = { "get_conversations", function() return '{}' end },
    mark_read = { "mark_read", of_conversation },
    send_message = { "send_message", function(c)
        return '{"conversation_id":' .. c .. ',"message_type":"text","content":"关于产品推广视频的细节，请确认。"}'
    end },
    largest_page = { "get_conversations", function() return '{"page_size":100}' end },
}

-- In a mixture each request is of the first kind whose bound is above a number drawn from 1 to 100.
local mixtures = {
    mix = { { 90, "get_messages" }, { 95, "get_conversations" }, { 98, "send_message" }, { 100, "mark_read" } },
    writes_and_reads = { { 50, "send_message" }, { 100, "get_messages" } },
}

local function write(kind)
    local place = math.random(#tokens)
    return wrk.format(
        "POST", "/api/v1/conversation/" .. kind[1],
        { ["Authorization"] = "Bearer " .. tokens[place], ["Content-Type"] = "application/json" },
        kind[2](conversations[place]))
end

local function write_of_mixture(mixture)
    local number = math.random(100)
    for _, part in ipairs(mixture) do
        if number <= part[1] then return write(kinds[part[2]]) end
    end
end

-- The threads, for the figures of all of them. Each draws a sequence of its own.
local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
    thread:set("number", #threads)
end

-- Globals, so that done can get them from each thread.
statuses = {}
without_retry_after = 0

local function count(status, headers)
    local key = tostring(status)
    statuses[key] = (statuses[key] or 0) + 1
    if status == 503 and not headers["Retry-After"] then without_retry_after = without_retry_after + 1 end
end

function init(arguments)
    local name = arguments[1]
    local mixture, kind = mixtures[name], kinds[name]
    if mixture then
        next_request = function() return write_of_mixture(mixture) end
    else
        next_request = function() return write(kind) end
    end
    for line in io.lines(arguments[2]) do
        local conversation, token = line:match("^%d+ (%d+) (%S+)$")
        conversations[#conversations + 1] = conversation
        tokens[#tokens + 1] = token
    end
    if arguments[3] == "statuses" then response = count end
    math.randomseed(os.time() * 100 + number)
end

function request()
    return next_request()
end

local function counted_statuses()
    local sums, pairs_of_json = {}, {}
    for _, thread in ipairs(threads) do
        for status, number in pairs(thread:get("statuses")) do sums[status] = (sums[status] or 0) + number end
    end
    for status, number in pairs(sums) do
        pairs_of_json[#pairs_of_json + 1] = string.format('"%s":%d', status, number)
    end
    return "{" .. table.concat(pairs_of_json, ",") .. "}"
end

local function counted_without_retry_after()
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get("without_retry_after") end
    return sum
end

function done(summary, latency)
    local errors = summary.errors
    local broken = errors.connect + errors.read + errors.write
    io.write(string.format(
        'result {"requests":%d,"seconds":%.3f,"p50_us":%d,"p99_us":%d,"max_us":%d,"errors":%d,"refused":%d,' ..
        '"broken":%d,"late":%d,"statuses":%s,"without_retry_after":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
        errors.status + broken + errors.timeout, errors.status, broken, errors.timeout,
        counted_statuses(), counted_without_retry_after()))
end
