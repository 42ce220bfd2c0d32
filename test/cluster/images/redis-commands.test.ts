/** Commands of redis beyond the most common ones, and what redis-cli does by itself. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
let redis: Box
const sh = async (script: string): Promise<string> => (await redis.exec('bash', '-c', script)).stdout
/** Sends commands, one a line, and has the answers as a person sees them. */
const ask = (...commands: string[]): Promise<string> => sh(`redis-cli --no-raw <<'END'\n${commands.join('\n')}\nEND`)

beforeEach(async () => {
  machine = new Machine()
  redis = await machine.run('redis:7.2')
})

describe('the commands', () => {
  test('over keys and strings', async () => {
    expect(
      await ask('set n 12', 'set s "hello world"', 'object encoding n', 'object encoding s', 'object encoding none', 'object nope n'),
    ).toBe('OK\nOK\n"int"\n"embstr"\n(nil)\n(error) ERR unknown subcommand \'nope\'. Try OBJECT HELP.\n')
    expect(
      await ask(
        'getrange s 0 4',
        'setrange s 6 Redis',
        'get s',
        'incrbyfloat n 0.5',
        'msetnx n 1 m 2',
        'getex s ex 10',
        'ttl s',
        'renamenx n s',
        'copy n o',
      ),
    ).toBe('"hello"\n(integer) 11\n"hello Redis"\n"12.5"\n(integer) 0\n"hello Redis"\n(integer) 10\n(integer) 0\n(integer) 1\n')
    expect(await ask('setbit b 7 1', 'getbit b 7', 'bitcount b', 'keys [bn]', 'memory usage n')).toBe(
      '(integer) 0\n(integer) 1\n(integer) 1\n1) "n"\n2) "b"\n(integer) 56\n',
    )
  })

  test('over lists, sets, hashes and sorted sets', async () => {
    expect(
      await ask(
        'rpush l a c',
        'linsert l before c b',
        'lset l 0 x',
        'lset l 9 x',
        'lpos l c',
        'rpoplpush l m',
        'lmove l m left right',
        'lrange m 0 -1',
      ),
    ).toBe('(integer) 2\n(integer) 3\nOK\n(error) ERR index out of range\n(integer) 2\n"c"\n"x"\n1) "c"\n2) "x"\n')
    expect(await ask('sadd s a b', 'sadd t b c', 'smismember s a z', 'sinterstore u s t', 'smembers u', 'smove s t a', 'spop s')).toBe(
      '(integer) 2\n(integer) 2\n1) (integer) 1\n2) (integer) 0\n(integer) 1\n1) "b"\n(integer) 1\n"b"\n',
    )
    expect(await ask('hmset h f 1 g 2', 'hsetnx h f 3', 'hincrbyfloat h g 0.25', 'hscan h 0 match g*')).toBe(
      'OK\n(integer) 0\n"2.25"\n1) "0"\n2) 1) "g"\n   2) "2.25"\n',
    )
    expect(
      await ask(
        'zadd z 1 a 2 b 3 c',
        'zrangebyscore z (1 +inf withscores limit 0 1',
        'zcount z -inf 2',
        'zrevrank z c',
        'zpopmax z',
        'zremrangebyscore z 0 1',
        'zrange z 0 -1',
      ),
    ).toBe('(integer) 3\n1) "b"\n2) "2"\n(integer) 2\n(integer) 0\n1) "c"\n2) "3"\n(integer) 1\n1) "b"\n')
  })

  test('over streams, whose ids only grow', async () => {
    expect(
      await ask(
        'xadd s 5-1 f v',
        'xadd s 5-1 f w',
        'xadd s 5-* f w',
        'xadd s 7-* a b',
        'xlen s',
        'xrange s 5 5',
        'xread count 1 streams s 5-1',
      ),
    ).toBe(
      `"5-1"\n(error) ERR The ID specified in XADD is equal or smaller than the target stream top item\n"5-2"\n"7-0"\n(integer) 3\n1) 1) "5-1"\n   2) 1) "f"\n      2) "v"\n2) 1) "5-2"\n   2) 1) "f"\n      2) "w"\n1) 1) "s"\n   2) 1) 1) "5-2"\n         2) 1) "f"\n            2) "w"\n`,
    )
    expect(await ask('xtrim s maxlen 1', 'xdel s 5-1', 'type s', 'get s')).toBe(
      '(integer) 2\n(integer) 0\nstream\n(error) WRONGTYPE Operation against a key holding the wrong kind of value\n',
    )
  })

  test('that wait for a list are answered by who pushes, or after their time', async () => {
    expect(
      await sh(
        'redis-cli blpop a b 0 & sleep 1; redis-cli info clients | grep blocked; redis-cli rpush b x y; wait; redis-cli lrange b 0 -1',
      ),
    ).toBe('blocked_clients:1\r\nb\nx\n2\ny\n')
    expect(
      await sh('date +%S; redis-cli --no-raw brpoplpush b c 2; redis-cli --no-raw brpoplpush b d 2; date +%S; redis-cli blpop b x'),
    ).toMatch(/^02\n"y"\n\(nil\)\n04\nERR timeout is not a float or out of range\n\n$/)
  })

  test('keep each database by itself, also over a restart', async () => {
    expect(
      await sh(
        'redis-cli -n 1 set k one; redis-cli set k zero; redis-cli -n 1 get k; redis-cli get k; redis-cli -n 16 ping 2>&1; redis-cli info keyspace',
      ),
    ).toBe(
      'OK\nOK\none\nzero\nSELECT 16 failed: ERR DB index is out of range\nPONG\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\ndb1:keys=1,expires=0,avg_ttl=0\r\n\n',
    )
    expect(
      await sh(
        'redis-cli save; redis-server --port 7000 >/dev/null & sleep 1; redis-cli -p 7000 -n 1 get k; redis-cli -p 7000 shutdown nosave',
      ),
    ).toBe('OK\none\n')
  })

  test('about clients and the server', async () => {
    expect(
      await ask('client setname me', 'client getname', 'client id', 'acl whoami', 'slowlog len', 'pubsub channels', 'select 3', 'nosuch'),
    ).toBe(
      'OK\n"me"\n(integer) 1\n"default"\n(integer) 0\n(empty array)\nOK\n(error) ERR unknown command \'nosuch\', with args beginning with: \n',
    )
    expect(await sh('redis-cli client list')).toMatch(
      /^id=2 addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:6379 fd=9 name= age=0 idle=0 flags=N db=0 .* cmd=client\|list user=default redir=-1 resp=2/,
    )
    expect(await sh('redis-cli debug sleep 1')).toContain('ERR DEBUG command not allowed.')
    const older = await machine.run('redis:6.2')
    expect(
      (await older.exec('bash', '-c', 'redis-cli debug sleep 3 & sleep 1; timeout 1 redis-cli ping; echo $?; wait; redis-cli ping')).stdout,
    ).toBe('124\nOK\nPONG\n')
  })

  test('MONITOR tells what others ask, and patterns hear their channels', async () => {
    expect(
      await sh(
        "timeout 3 redis-cli monitor > m & sleep 1; redis-cli set a 'x y' >/dev/null; wait; sed -E 's/^[0-9.]+//; s/:[0-9]+\\]/:PORT]/' m",
      ),
    ).toBe('OK\n [0 127.0.0.1:PORT] "set" "a" "x y"\n')
    expect(await sh('timeout 3 redis-cli psubscribe "new*" > m & sleep 1; redis-cli publish news hi; wait; cat m')).toBe(
      '1\npsubscribe\nnew*\n1\npmessage\nnew*\nnews\nhi\n',
    )
  })
})

describe('redis-cli', () => {
  test('repeats, scans, reads its last argument, and chooses its format', async () => {
    expect(
      await sh(
        'redis-cli -r 2 -i 0.1 incr n; redis-cli mset ab 1 cd 2; redis-cli --scan --pattern "a*"; printf text | redis-cli -x set t; redis-cli get t',
      ),
    ).toBe('1\n2\nOK\nab\nOK\ntext\n')
    expect(
      await sh(
        "redis-cli rpush l 1 'é\"' >/dev/null; redis-cli --csv lrange l 0 -1; redis-cli --json lrange l 0 -1; redis-cli --no-raw lindex l 1; redis-cli --json get none",
      ),
    ).toBe('"1","\\xc3\\xa9\\""\n["1","é\\""]\n"\\xc3\\xa9\\""\nnull\n')
    expect(await sh('redis-cli nosuch; echo $?; redis-cli -e nosuch 2>&1; echo $?; redis-cli --nosuch 2>&1')).toBe(
      "ERR unknown command 'nosuch', with args beginning with: \n\n0\nERR unknown command 'nosuch', with args beginning with: \n1\nUnrecognized option or bad number of args for: '--nosuch'\n",
    )
  })

  test('--pipe counts the replies, --stat and --latency tell numbers', async () => {
    expect(await sh("printf 'SET a 1\\r\\nSET b 2\\r\\n' | redis-cli --pipe")).toBe(
      'All data transferred. Waiting for the last reply...\nLast reply received from server.\nerrors: 0, replies: 2\n',
    )
    expect(await sh('timeout 2 redis-cli --stat; redis-cli --latency | wc -w')).toMatch(
      /^------- data ------ --------------------- load -------------------- - child -\nkeys {7}mem {6}clients blocked requests {12}connections {10}\n2 {10}1\.00M {4}1 {7}0 {7}4 \(\+0\) {14}2 {11}\n2 .*\n4\n$/,
    )
  })

  test('warns of a password that stands on the command line, and tells where it is wrong', async () => {
    await sh('redis-cli config set requirepass secret')
    expect(
      await sh('redis-cli -a secret ping 2>&1; redis-cli -a no --no-auth-warning ping 2>&1; REDISCLI_AUTH=secret redis-cli ping'),
    ).toBe(
      "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\nPONG\nAUTH failed: WRONGPASS invalid username-password pair or user is disabled.\nNOAUTH Authentication required.\n\nPONG\n",
    )
  })
})
