import { describe, expect, it } from 'vitest'
import { IDLE, rfc3339, rfc3339Micro, VirtualClock } from '../../src-main/cluster/clock.js'
import { FakeWall } from './support/fake-wall.js'

describe('a clock that stands still', () => {
  it('fires timers in the order of their times, and those of one moment in the order they were set', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const log: string[] = []
    clock.after(20, () => log.push(`c@${clock.now()}`))
    clock.after(10, () => log.push(`a@${clock.now()}`))
    clock.after(10, () => log.push(`b@${clock.now()}`))
    await clock.advance(15)
    expect(log).toEqual(['a@10', 'b@10'])
    expect(clock.now()).toBe(15)
    await clock.advance(5)
    expect(log).toEqual(['a@10', 'b@10', 'c@20'])
  })

  it('lets the promises that a timer sets off settle before the next timer fires', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const log: string[] = []
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(100)
        log.push(`woke ${clock.now()}`)
        await Promise.resolve()
        await new Promise<void>((resolve) => setImmediate(resolve))
        log.push(`worked ${clock.now()}`)
      }
    }
    void worker()
    clock.after(101, () => log.push('other'))
    await clock.advance(1000)
    expect(log).toEqual(['woke 100', 'worked 100', 'other', 'woke 200', 'worked 200', 'woke 300', 'worked 300'])
  })

  it('waits for tracked work before it moves on', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const log: string[] = []
    clock.after(10, () => {
      const disk = new Promise<void>((resolve) => {
        let turns = 20
        const turn = (): void => void (turns-- > 0 ? setImmediate(turn) : resolve())
        turn()
      })
      void clock.track(disk).then(() => log.push(`written at ${clock.now()}`))
    })
    clock.after(11, () => log.push(`next at ${clock.now()}`))
    await clock.advance(20)
    expect(log).toEqual(['written at 10', 'next at 11'])
  })

  it('runs a repeating timer exactly as often as it is due in a jump', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    let n = 0
    const timer = clock.every(60_000, () => n++)
    await clock.advance(24 * 3600_000)
    expect(n).toBe(1440)
    timer.cancel()
    await clock.advance(3600_000)
    expect(n).toBe(1440)
  })

  it('queues jumps behind each other', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    await Promise.all([clock.advance(10), clock.advance(20)])
    expect(clock.now()).toBe(30)
  })

  it('takes no timer without a time: it would stand still for good', () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    expect(() => clock.after(NaN, () => undefined)).toThrow(new RangeError('a timer must be given a number of milliseconds, got NaN'))
  })

  it('rejects a sleep whose signal is aborted, and forgets its timer', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const abort = new AbortController()
    const sleep = clock.sleep(1000, abort.signal)
    abort.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    await clock.advance(2000)
    expect(clock.now()).toBe(2000)
  })
})

describe('a clock that follows the wall', () => {
  it('runs at its speed, and a change of speed does not move the time', () => {
    const wall = new FakeWall()
    const clock = new VirtualClock({ start: 0, speed: 10, wall })
    wall.pass(100)
    expect(clock.now()).toBe(1000)
    clock.setSpeed(0)
    wall.pass(5000)
    expect(clock.now()).toBe(1000)
    clock.setSpeed(1)
    wall.pass(7)
    expect(clock.now()).toBe(1007)
  })

  it('fires timers when the wall reaches them, with one host timer for all', () => {
    const wall = new FakeWall()
    const clock = new VirtualClock({ start: 0, speed: 100, wall })
    const log: number[] = []
    for (const ms of [5000, 1000, 3000]) clock.after(ms, () => log.push(clock.now()))
    expect(wall.waiting).toBe(1)
    wall.pass(10)
    expect(log).toEqual([1000])
    wall.pass(40)
    expect(log).toEqual([1000, 3000, 5000])
    expect(wall.waiting).toBe(0)
  })

  it('after the host has slept does what it missed in order, each thing at its own time', async () => {
    const wall = new FakeWall()
    const clock = new VirtualClock({ start: 0, speed: 1, wall })
    const log: string[] = []
    clock.every(10_000, () => void log.push(`beat ${clock.now()}`))
    clock.after(12_000, () => {
      void clock.sleep(3_000).then(() => log.push(`woke ${clock.now()}`))
    })
    wall.stall(600_000)
    // Whoever asks before the timers had their turn is not told of a time that they have not seen.
    expect(clock.now()).toBe(10_000)
    wall.pass(0)
    await clock.settle()
    expect(log.slice(0, 4)).toEqual(['beat 10000', 'woke 15000', 'beat 20000', 'beat 30000'])
    expect(log).toHaveLength(61)
    expect(clock.now()).toBe(600_000)
    wall.pass(10_000)
    expect(log.at(-1)).toBe('beat 610000')
  })

  it('catches up though there is no end of work: time passes no more slowly than on the wall', async () => {
    const wall = new FakeWall()
    const clock = new VirtualClock({ start: 0, speed: 1, wall })
    const log: string[] = []
    let done = 0
    const work = async (): Promise<void> => {
      for (; done < 200; done++) {
        wall.stall(100)
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
    }
    clock.after(1_000, () => void clock.track(work()))
    for (const at of [2_000, 6_000]) clock.after(at, () => log.push(`${clock.now()} after ${Math.ceil(done / 10)} s of work`))
    wall.stall(8_000)
    wall.pass(0)
    await clock.settle()
    expect(log).toEqual(['2000 after 2 s of work', '6000 after 6 s of work'])
  })

  it('goes on from where it was when the clock of the wall is set back', () => {
    const wall = new FakeWall()
    const clock = new VirtualClock({ start: 0, speed: 1, wall })
    wall.pass(5_000)
    expect(clock.now()).toBe(5_000)
    wall.stall(-3_600_000)
    expect(clock.now()).toBe(5_000)
    wall.pass(1_000)
    expect(clock.now()).toBe(6_000)
  })

  it('refuses a speed that is not a number from 0 up', () => {
    const clock = new VirtualClock({ speed: 0 })
    expect(() => clock.setSpeed(-1)).toThrow('speed must be a number >= 0, got -1')
  })
})

describe('a jump', () => {
  it('goes over timers that set nothing off without waiting for anything to settle', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const turns: number[] = []
    let beats = 0
    const turn = (): void => void setImmediate(() => turns.push(beats) < 1000 && turn())
    clock.every(1_000, () => {
      if (++beats === 1) turn()
      return 'idle'
    })
    await clock.advance(1_000_000)
    expect(beats).toBe(1000)
    expect(turns.filter((n) => n < 1000)).toEqual([])
  })

  it('leaves out the turns of a periodic timer that has nothing to do before a time, and goes on with the first after it', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const turns: number[] = []
    clock.every(10, () => {
      turns.push(clock.now())
      return { idleUntil: clock.now() < 995 ? 995 : 0 }
    })
    await clock.advance(1020)
    expect(turns).toEqual([10, 1000, 1010, 1020])
  })

  it('gives a periodic timer that is idle its turns again when something happens, in its usual order', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const log: string[] = []
    const timer = clock.every(10, () => {
      log.push(`beat@${clock.now()}`)
      return IDLE
    })
    clock.after(505, () => log.push(`a@${clock.now()}`))
    clock.after(800, () => log.push(`b@${clock.now()}`))
    clock.after(895, () => clock.after(5, () => log.push(`c@${clock.now()}`)))
    await clock.advance(1000)
    // At 800 the beat is set after what was set before it; at 900 it is set before.
    expect(log).toEqual(['beat@10', 'a@505', 'beat@510', 'b@800', 'beat@800', 'beat@810', 'beat@900', 'c@900', 'beat@910'])
    timer.cancel()
    clock.after(1, () => undefined)
    await clock.advance(100)
    expect(log).toHaveLength(9)
  })

  it('lets a timer that was idle take its next turn after the jump, at its own time', async () => {
    const clock = new VirtualClock({ start: 0, speed: 0 })
    const turns: number[] = []
    clock.every(10, () => {
      turns.push(clock.now())
      return IDLE
    })
    await clock.advance(1005)
    await clock.advance(10)
    expect(turns).toEqual([10, 1010])
  })
})

describe('times on the wire', () => {
  it('are RFC 3339 in UTC, with seconds or microseconds', () => {
    expect(rfc3339(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z')
    expect(rfc3339Micro(1_700_000_000_999)).toBe('2023-11-14T22:13:20.999000Z')
  })
})
