/** What makes a data directory one cluster: its name, seed, port, and how far its clock has come. */
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

export interface Identity {
  name: string
  seed: number
  /** The port it had last; 0 before it listened for the first time. */
  port: number
  /** Nodes it was created with. */
  nodes: number
  /** What its control-plane node is called, when it was made from a snapshot of a cluster of another name. */
  controlPlane?: string
  /** Cluster time when it stopped last, ms since the epoch: time never goes back, whatever the speed was. */
  time: number
  /** The speed of its clock then; the time of a paused cluster does not go on while it is stopped. */
  speed?: number
}

const fileOf = (directory: string): string => path.join(directory, 'cluster.json')

/** How often a running cluster's time is written down, cluster ms. */
export const SAVE_EVERY = 60_000

/** The identity that a directory holds; undefined when it holds no cluster. Throws a sentence when it cannot be read. */
export function readIdentity(directory: string): Identity | undefined {
  let text: string
  try {
    text = fs.readFileSync(fileOf(directory), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
  try {
    return JSON.parse(text) as Identity
  } catch {
    throw new Error(`${fileOf(directory)} is not valid JSON; move the directory away to begin a new cluster`)
  }
}

/** When the identity was written, ms since the epoch by the machine's clock. */
export function savedAt(directory: string): number {
  return fs.statSync(fileOf(directory)).mtimeMs
}

/**
 * Reads the identity of a directory, or makes one. Throws a sentence when the directory holds a cluster of another
 * name, or a file that cannot be read.
 */
export function loadIdentity(directory: string, wanted: { name: string; seed?: number; nodes?: number }): Identity {
  const identity = readIdentity(directory)
  if (!identity) return { name: wanted.name, seed: wanted.seed ?? crypto.randomInt(2 ** 31), port: 0, nodes: wanted.nodes ?? 3, time: 0 }
  if (identity.name !== wanted.name) throw new Error(`${directory} holds the cluster "${identity.name}", not "${wanted.name}"`)
  return identity
}

/** Writes the identity, whole or not at all. */
export function saveIdentity(directory: string, identity: Identity): void {
  const file = fileOf(directory)
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 })
  fs.renameSync(`${file}.new`, file)
}
