import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
let redis: Box
const cli = async (...args: string[]): Promise<string> => (await redis.exec('redis-cli', '--no-raw', ...args)).stdout

beforeEach(async () => {
  machine = new Machine()
  redis = await machine.run('redis:7.2')
})

describe('redis', () => {
  test('starts with its log', async () => {
    const log = await redis.log()
    expect(log.split('\n').slice(0, 2)).toEqual([
      '1:C 21 Nov 2026 09:17:00.000 * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo',
      '1:C 21 Nov 2026 09:17:00.000 * Redis version=7.2.11, bits=64, commit=00000000, modified=0, pid=1, just started',
    ])
    expect(log).toContain('1:M 21 Nov 2026 09:17:00.000 * Ready to accept connections tcp\n')
  })

  test.each([
    [['ping'], 'PONG\n'],
    [['set', 'k', 'v'], 'OK\n'],
    [['get', 'none'], '(nil)\n'],
    [['incr', 'n'], '(integer) 1\n'],
    [['lpush', 'l', 'a', 'b'], '(integer) 2\n'],
    [['nosuch', 'x'], "(error) ERR unknown command 'nosuch', with args beginning with: 'x' \n"],
    [['get'], "(error) ERR wrong number of arguments for 'get' command\n"],
    [['keys', '*'], '(empty array)\n'],
    [
      ['auth', 'x'],
      '(error) ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\n',
    ],
  ])('%j answers %j', async (command, answer) => {
    expect(await cli(...command)).toBe(answer)
  })

  test('keeps strings, lists, sets, hashes and sorted sets', async () => {
    await cli('set', 'greeting', 'hello world')
    expect(await cli('get', 'greeting')).toBe('"hello world"\n')
    await cli('rpush', 'list', 'a', 'b', 'c')
    expect(await cli('lrange', 'list', '0', '-2')).toBe('1) "a"\n2) "b"\n')
    expect(await cli('get', 'list')).toBe('(error) WRONGTYPE Operation against a key holding the wrong kind of value\n')
    await cli('sadd', 'set', 'x', 'y', 'x')
    expect(await cli('scard', 'set')).toBe('(integer) 2\n')
    await cli('hset', 'hash', 'f', '1', 'g', '2')
    expect(await cli('hgetall', 'hash')).toBe('1) "f"\n2) "1"\n3) "g"\n4) "2"\n')
    await cli('zadd', 'zset', '2', 'two', '1', 'one')
    expect(await cli('zrange', 'zset', '0', '-1', 'withscores')).toBe('1) "one"\n2) "1"\n3) "two"\n4) "2"\n')
    expect(await cli('dbsize')).toBe('(integer) 5\n')
    expect(await cli('del', 'list', 'set', 'none')).toBe('(integer) 2\n')
  })

  test('tells of itself, all or by section', async () => {
    await cli('set', 'k', 'v', 'EX', '60')
    await cli('set', 'l', 'w')
    const info = async (...sections: string[]): Promise<string[]> =>
      (await redis.exec('redis-cli', 'info', ...sections)).stdout.trimEnd().split(/\r?\n/)
    expect(await info('keyspace')).toEqual(['# Keyspace', 'db0:keys=2,expires=1,avg_ttl=0'])
    expect(await info('CLIENTS', 'cluster')).toEqual([
      '# Clients',
      'connected_clients:1',
      'cluster_connections:0',
      'maxclients:10000',
      'blocked_clients:0',
      '',
      '# Cluster',
      'cluster_enabled:0',
    ])
    expect((await info()).filter((line) => line.startsWith('#'))).toEqual(
      ['Server', 'Clients', 'Memory', 'Persistence', 'Stats', 'Replication', 'CPU', 'Modules', 'Errorstats', 'Cluster', 'Keyspace'].map(
        (n) => `# ${n}`,
      ),
    )
    expect(await info('nosuch')).toEqual([''])
  })

  test('runs the commands of a transaction together, or none of them', async () => {
    const script = async (text: string): Promise<string> => (await redis.exec('sh', '-c', `printf '${text}' | redis-cli`)).stdout
    expect(await script('multi\\nset a 1\\nincr a\\nget a\\nexec\\n')).toBe('OK\nQUEUED\nQUEUED\nQUEUED\nOK\n2\n2\n')
    expect(await script('multi\\nset a 9\\ndiscard\\nget a\\n')).toBe('OK\nQUEUED\nOK\n2\n')
    expect(await script('multi\\nset a 9\\nnosuch\\nexec\\nget a\\n')).toBe(
      "OK\nQUEUED\nERR unknown command 'nosuch', with args beginning with: \n\nEXECABORT Transaction discarded because of previous errors.\n\n2\n",
    )
    expect(await script('watch a b\nset b 1\nmulti\nset a 7\nexec\nget a\n')).toBe('OK\nOK\nOK\nQUEUED\n\n2\n')
    expect(await script('watch a\nset b 1\nmulti\nset a 7\nexec\nget a\n')).toBe('OK\nOK\nOK\nQUEUED\nOK\n7\n')
    expect(await cli('exec')).toBe('(error) ERR EXEC without MULTI\n')
  })

  test('forgets keys when their time is over', async () => {
    await cli('set', 'k', 'v', 'EX', '60')
    expect(await cli('ttl', 'k')).toBe('(integer) 60\n')
    await machine.clock.advance(60_000)
    expect(await cli('get', 'k')).toBe('(nil)\n')
  })

  test('can be reached from another pod, pipelined', async () => {
    const connection = await machine.client.connect(redis.ip, 6379)
    let heard = ''
    connection.on('data', (data) => (heard += data))
    connection.write('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n12\r\nGET a\r\n*1\r\n$4\r\nPING\r\n')
    await machine.clock.advance(10)
    expect(heard).toBe('+OK\r\n$2\r\n12\r\n+PONG\r\n')
    connection.write('*1\r\nxyz\r\n')
    await machine.clock.advance(10)
    expect(heard).toContain("-ERR Protocol error: expected '$', got 'x'")
    await machine.clock.advance(10)
    expect(connection.readableEnded).toBe(true)
  })

  test('publishes to who has subscribed', async () => {
    const subscriber = await machine.client.connect(redis.ip, 6379)
    let heard = ''
    subscriber.on('data', (data) => (heard += data))
    subscriber.write('SUBSCRIBE news\r\n')
    await machine.clock.advance(10)
    expect(await cli('publish', 'news', 'hi')).toBe('(integer) 1\n')
    expect(heard.endsWith('$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n')).toBe(true)
  })

  test('asks for its password', async () => {
    redis = await machine.run('redis:7.2', { args: ['--requirepass', 'secret'] })
    expect(await cli('get', 'k')).toBe('(error) NOAUTH Authentication required.\n')
    expect(await cli('-a', 'secret', 'set', 'k', 'v')).toBe('OK\n')
  })

  test('brings its data back from its volume', async () => {
    const volume = machine.runtime.createVolume()
    const mounts = [{ volume, containerPath: '/data', readOnly: false }]
    redis = await machine.run('redis:7.2', { mounts })
    await cli('set', 'kept', 'yes')
    expect(await redis.stop()).toBe(0)
    expect(await redis.log()).toContain('* DB saved on disk\n')
    redis = await machine.run('redis:7.2', { mounts })
    expect(await cli('get', 'kept')).toBe('"yes"\n')
    expect(await redis.log()).toContain('Done loading RDB, keys loaded: 1, keys expired: 0.')
  })
})

test('settings that are amounts of memory are told in bytes, and unknown ones are refused', async () => {
  const redis = await machine.run('redis:8.0.2', { args: ['redis-server', '--maxmemory', '2mb', '--maxmemory-policy', 'allkeys-lru'] })
  const cli = async (...args: string[]): Promise<string> => (await redis.exec('redis-cli', ...args)).stdout
  expect(await cli('CONFIG', 'GET', 'maxmemory')).toBe('maxmemory\n2097152\n')
  expect(await cli('CONFIG', 'SET', 'maxmemory', '1g')).toBe('OK\n')
  expect(await cli('CONFIG', 'GET', 'maxmemory', 'TIMEOUT')).toBe('maxmemory\n1000000000\ntimeout\n0\n')
  expect(await cli('CONFIG', 'SET', 'nonsense', '1')).toBe("ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'\n\n")
})

test('redis-server does not start with a directive that it does not know', async () => {
  const box = await machine.run('redis:7', { command: ['sleep', '100000'] })
  const started = async (script: string): Promise<string> => (await box.exec('sh', '-c', `${script} 2>&1; echo $?`)).stdout
  expect(await started('redis-server --bogus x')).toMatch(
    /^\n\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.\d+\.\d+\) \*\*\*\nReading the configuration file, at line 2\n>>> 'bogus "x"'\nBad directive or wrong number of arguments\n1\n$/,
  )
  expect(await started("printf 'port 1\\nbogus a b\\n' > /tmp/c; redis-server /tmp/c")).toContain(
    "at line 2\n>>> 'bogus a b'\nBad directive or wrong number of arguments\n1\n",
  )
})
