import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { ContainerFile, ContainerFolder, ContainerPlace, RpcError } from '../../../src-main/backend/rpc/contract.js'
import { asRpcError, backend } from '../../app/rpc.js'
import { naturalKey } from '../../components/row-model.js'
import { useContexts } from '../../stores/contexts.js'

/** A folder of a container, as it was when it was read. */
export interface FolderReader {
  /** Null until it has been read. What was read stays while the same folder is read again. */
  folder: ShallowRef<ContainerFolder | null>
  error: ShallowRef<RpcError | null>
  busy: ShallowRef<boolean>
  refresh: () => void
}

/** Reads whatever folder `where` names, again when it names another, and when a connection that was lost is back. */
export function useContainerFolder(where: () => (ContainerPlace & { path: string }) | null): FolderReader {
  const contexts = useContexts()
  const folder = shallowRef<ContainerFolder | null>(null)
  const error = shallowRef<RpcError | null>(null)
  const busy = shallowRef(false)
  let turn = 0

  async function read(): Promise<void> {
    const mine = ++turn
    const place = where()
    busy.value = place !== null
    if (!place) return
    try {
      const found = await backend.call('files.list', place)
      if (mine !== turn) return
      folder.value = { ...found, files: inOrder(found.files) }
      error.value = null
    } catch (e) {
      if (mine !== turn) return
      folder.value = null
      error.value = asRpcError(e)
    }
    busy.value = false
  }

  watch(
    () => JSON.stringify(where()),
    () => {
      folder.value = null
      error.value = null
      void read()
    },
    { immediate: true },
  )
  watch(
    () => contexts.connection(where()?.context ?? '').phase,
    (phase) => {
      if (phase === 'live' && error.value) void read()
    },
  )
  onScopeDispose(() => turn++)
  return { folder, error, busy, refresh: () => void read() }
}

/** Whether an entry can be gone into. */
export const isFolder = (file: ContainerFile): boolean => file.type === 'folder' || file.toFolder === true

/** Folders first, each by name as a person would sort them. */
export function inOrder(files: readonly ContainerFile[]): ContainerFile[] {
  const key = (f: ContainerFile): string => `${isFolder(f) ? 0 : 1}${naturalKey(f.name)}`
  const keyed = files.map((file) => ({ file, key: key(file) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ file }) => file)
}

/** The path of an entry of a folder. */
export const pathIn = (folder: string, name: string): string => `${folder.replace(/\/$/, '')}/${name}`

/** The folder that a folder is in; the root is in itself. */
export const parentOf = (path: string): string => path.replace(/\/[^/]*\/?$/, '') || '/'
