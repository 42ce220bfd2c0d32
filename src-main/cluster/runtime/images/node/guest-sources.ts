/** The texts of what runs inside the sandbox, by the names that scripts and the built-in modules ask for. */
import assert from './guest/assert.js?raw'
import buffer from './guest/buffer.js?raw'
import childProcess from './guest/child_process.js?raw'
import consoleSource from './guest/console.js?raw'
import crypto from './guest/crypto.js?raw'
import descriptors from './guest/descriptors.js?raw'
import dns from './guest/dns.js?raw'
import encoding from './guest/encoding.js?raw'
import errors from './guest/errors.js?raw'
import events from './guest/events.js?raw'
import fatal from './guest/fatal.js?raw'
import fetchSource from './guest/fetch.js?raw'
import fs from './guest/fs.js?raw'
import globals from './guest/globals.js?raw'
import http from './guest/http.js?raw'
import listening from './guest/listening.js?raw'
import loader from './guest/loader.js?raw'
import net from './guest/net.js?raw'
import networkErrors from './guest/network-errors.js?raw'
import os from './guest/os.js?raw'
import path from './guest/path.js?raw'
import prelude from './guest/prelude.js?raw'
import processSource from './guest/process.js?raw'
import querystring from './guest/querystring.js?raw'
import readline from './guest/readline.js?raw'
import repl from './guest/repl.js?raw'
import stream from './guest/stream.js?raw'
import stringDecoder from './guest/string_decoder.js?raw'
import ticks from './guest/ticks.js?raw'
import time from './guest/time.js?raw'
import timers from './guest/timers.js?raw'
import url from './guest/url.js?raw'
import util from './guest/util.js?raw'
import zlib from './guest/zlib.js?raw'

export { prelude }

/** What `require` gives by name, and what only the built-in modules see. */
export const builtinSources: Readonly<Record<string, string>> = {
  assert,
  'assert/strict': "module.exports = require('assert')",
  buffer,
  child_process: childProcess,
  console: "module.exports = require('internal/console').console",
  crypto,
  dns,
  'dns/promises': "module.exports = require('dns').promises",
  events,
  fs,
  'fs/promises': "module.exports = require('fs').promises",
  http,
  module:
    "const { Module, builtinModules } = require('internal/loader')\nmodule.exports = Object.assign(Module, { builtinModules, isBuiltin: kernel.isBuiltin })",
  net,
  os,
  path,
  'path/posix': "module.exports = require('path')",
  perf_hooks: 'module.exports = { performance }',
  process: "module.exports = require('internal/process')",
  querystring,
  readline,
  'readline/promises': "module.exports = require('readline').promises",
  stream,
  'stream/promises': "module.exports = require('stream').promises",
  string_decoder: stringDecoder,
  sys: "module.exports = require('util')",
  timers,
  'timers/promises': "module.exports = require('timers').promises",
  tty: 'module.exports = { isatty: (fd) => fd >= 0 && fd < 3 && Boolean(kernel.about.tty) }',
  url,
  util,
  'util/types': "module.exports = require('util').types",
  zlib,
  'internal/console': consoleSource,
  'internal/descriptors': descriptors,
  'internal/encoding': encoding,
  'internal/errors': errors,
  'internal/fatal': fatal,
  'internal/fetch': fetchSource,
  'internal/globals': globals,
  'internal/listening': listening,
  'internal/loader': loader,
  'internal/network-errors': networkErrors,
  'internal/process': processSource,
  'internal/repl': repl,
  'internal/ticks': ticks,
  'internal/time': time,
}
