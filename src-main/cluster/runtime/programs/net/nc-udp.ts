/** Datagrams of nc. */
import type { DatagramSocket } from '../../../network/network.js'
import type { Command } from '../command.js'
import { Ending, outgoing, type RelayRules } from './nc-relay.js'

/** One UDP socket with standard input and output. */
export class UdpConversation {
  readonly socket: DatagramSocket
  /** Who spoke first. */
  peer: { address: string; port: number } | undefined
  refused = false
  private readonly queue: Uint8Array[] = []
  private wake: () => void = () => undefined

  constructor(
    private readonly c: Command,
    port = 0,
  ) {
    this.socket = c.task.net.bindUdp(port, (data, from) => {
      this.peer ??= from
      this.queue.push(data)
      this.wake()
    })
    this.socket.owner = c.task
    this.socket.onUnreachable = () => {
      this.refused = true
      this.wake()
    }
    c.task.aborted.addEventListener('abort', () => this.socket.close(), { once: true })
  }

  /**
   * Sends what standard input gives and prints what comes, until the other side refuses (1) or the rules say that it is over. Datagrams end
   * no connection, so what tells the other side of the end of standard input tells nothing here.
   */
  async talk(say: (data: Uint8Array) => void, rules: RelayRules): Promise<number> {
    const ending = new Ending(this.c, rules.idle)
    const input = async (): Promise<void> => {
      for await (const data of outgoing(this.c, rules)) {
        say(data)
        ending.touch()
      }
      if (rules.quitAfter !== undefined) ending.after(rules.quitAfter)
    }
    const output = async (): Promise<void> => {
      for (let left = rules.limit ?? Infinity; left > 0; left--) {
        while (this.queue.length === 0 && !this.refused) await this.heard()
        const data = this.queue.shift()
        if (!data) break
        ending.touch()
        await this.c.print(data)
      }
      ending.end()
    }
    if (rules.reads) ending.follow(input())
    ending.follow(output())
    await ending.wait()
    return this.refused ? 1 : 0
  }

  /** Waits for a datagram, or word that nobody hears. */
  private async heard(): Promise<void> {
    await this.c.task.block((wake) => {
      this.wake = wake
      return () => undefined
    })
    this.wake = () => undefined
  }
}
