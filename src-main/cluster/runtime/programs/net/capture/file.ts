/** Capture files (https://www.tcpdump.org/manpages/pcap-savefile.5.txt). */
import type { Packet } from '../../../../network/capture.js'
import { ETHERNET, ipBytes, LINUX_SLL2, linkHeader, readFrame, type LinkType } from './frame.js'

export const SNAPSHOT = 262_144
const MAGIC = 0xa1b2c3d4

/** What a file begins with. */
export function fileHeader(link: LinkType): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(MAGIC)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(SNAPSHOT, 16)
  head.writeUInt32LE(link, 20)
  return head
}

/** One packet with its header; no more than `snapshot` bytes of it. */
export function fileRecord(packet: Packet, link: LinkType, interfaceIndex: number, snapshot: number): Buffer {
  const frame = Buffer.concat([linkHeader(packet, link, interfaceIndex), ipBytes(packet)])
  const kept = frame.subarray(0, snapshot)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(Math.floor(packet.time / 1000))
  head.writeUInt32LE(Math.round((packet.time % 1000) * 1000), 4)
  head.writeUInt32LE(kept.length, 8)
  head.writeUInt32LE(frame.length, 12)
  return Buffer.concat([head, kept])
}

/** The packets of a file. Throws an Error that says why it is none. */
export function readCapture(data: Buffer): { link: LinkType; snapshot: number; packets: Packet[] } {
  if (data.length < 24) throw new Error(`truncated dump file; tried to read 24 file header bytes, only got ${data.length}`)
  if (data.readUInt32LE(0) !== MAGIC) throw new Error('unknown file format')
  const link = data.readUInt32LE(20)
  if (link !== ETHERNET && link !== LINUX_SLL2) throw new Error(`unsupported link type ${link}`)
  const packets: Packet[] = []
  for (let at = 24; at + 16 <= data.length;) {
    const length = data.readUInt32LE(at + 8)
    const time = data.readUInt32LE(at) * 1000 + data.readUInt32LE(at + 4) / 1000
    const frame = data.subarray(at + 16, at + 16 + length)
    if (frame.length < length) break
    const packet = readFrame(frame, link, time, new Map([[1, 'lo'], [2, 'eth0']])) // prettier-ignore
    if (packet) packets.push(packet)
    at += 16 + length
  }
  return { link, snapshot: data.readUInt32LE(16), packets }
}
