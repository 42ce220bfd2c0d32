/** Folders in which one run of a program finds what is made for it alone: kubeconfigs, values, what it prints. */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** Only the person may read what stands in one. */
export class OwnFolders {
  private readonly directory: string

  /**
   * @param data the app's data directory
   * @param name the folder in it; what an earlier run left there is removed
   */
  constructor(data: string, name: string) {
    this.directory = path.join(data, name)
    this.removeAll()
  }

  /** The path of one that {@link make} makes later. */
  planned(): string {
    return path.join(this.directory, randomUUID())
  }

  /** Makes one and gives its path. */
  make(folder = this.planned()): string {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  removeAll(): void {
    removeFolder(this.directory)
  }
}

/** Removes a folder with all that is in it, if it is there. */
export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true })
}

/** Writes a file that only the person may read; gives its path. */
export function ownFile(folder: string, name: string, text: string): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, text, { mode: 0o600 })
  return file
}
