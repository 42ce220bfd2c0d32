import type { ManifestSource } from '../../src-main/backend/rpc/contract.js'

/** What one message to the backend may hold; a folder of manifests is far smaller. */
const MAX_BYTES = 10 * 1024 * 1024
const MAX_FILES = 2_000
const notManifests = new Set(['node_modules', '.git', '.terraform'])

/** Thrown when more was chosen than a folder of manifests holds. */
export class TooMuch extends Error {}

interface Found {
  path: string
  file: File
}

async function read(found: readonly Found[]): Promise<ManifestSource> {
  const left = found.filter((f) => !f.path.split('/').some((part) => notManifests.has(part)))
  if (left.length > MAX_FILES || left.reduce((sum, f) => sum + f.file.size, 0) > MAX_BYTES) throw new TooMuch()
  return { files: await Promise.all(left.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) }))) }
}

/** Files, or a folder, chosen in an input. Null when none was. */
export async function chosenFiles(list: FileList | null | undefined): Promise<ManifestSource | null> {
  const files = [...(list ?? [])]
  return files.length ? read(files.map((file) => ({ path: file.webkitRelativePath || file.name, file }))) : null
}

/** Files and folders that were dropped, with all that is in them. Null when nothing of the kind was. */
export async function droppedFiles(data: DataTransfer): Promise<ManifestSource | null> {
  // The entries have to be taken before anything is awaited: then the event is over.
  const entries = [...data.items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter((e): e is FileSystemEntry => e !== null && e !== undefined)
  const plain = [...data.files]
  const found: Found[] = []
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (found.length > MAX_FILES || notManifests.has(entry.name)) return
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      found.push({ path: entry.fullPath.replace(/^\//, ''), file })
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    // A reader gives its entries a hundred at a time.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const e of some) await walk(e)
    }
  }
  if (entries.length) for (const e of entries) await walk(e)
  else found.push(...plain.map((file) => ({ path: file.name, file })))
  return found.length ? read(found) : null
}

/**
 * Asks for manifests (`files`), one file of `any` kind or a folder in the system's own dialog, where the window is one of Electron's: the backend then reads them itself, with what
 * lies beside them. Null when the person chose none.
 */
export function choosePaths(what: 'files' | 'folder' | 'any'): Promise<ManifestSource | null> {
  const id = crypto.randomUUID()
  return new Promise((resolve) => {
    const listen = (event: MessageEvent): void => {
      const answer = event.data as { type?: string; id?: string; paths?: string[] } | null
      if (event.source !== window || answer?.type !== 'drydock:chosen' || answer.id !== id) return
      window.removeEventListener('message', listen)
      resolve(answer.paths?.length ? { paths: answer.paths } : null)
    }
    window.addEventListener('message', listen)
    window.postMessage({ type: 'drydock:choose', id, what }, window.location.origin)
  })
}
