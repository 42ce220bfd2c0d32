/**
 * Environment variables from a file of an emptyDir volume (`fileKeyRef`)
 * (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-via-file/#env-file-syntax).
 */
import type { Pod } from '../api/object.js'
import type { Volume } from '../runtime/cri.js'

/** Which variable of which file. */
export interface FileKey {
  volumeName: string
  path: string
  key: string
}

/**
 * The value of a variable in a file; '' when the file does not have it.
 * Throws an Error, whose message the container waits with, when the volume or the file cannot be read.
 */
export function fileKeyValue({ volumeName, path, key }: FileKey, volumes: ReadonlyMap<string, Volume>): string {
  const volume = volumes.get(volumeName)
  if (!volume) throw new Error(`cannot find the volume "${volumeName}" referenced by FileKeyRef`)
  const text = volume.readFile?.(path)
  const value = text === undefined ? undefined : valueIn(text, key)
  if (value === undefined) throw new Error("couldn't parse env file")
  return value
}

/** The error of a variable that is not in the file, with where the kubelet has the file. */
export function missingFileKey({ volumeName, path, key }: FileKey, pod: Pod): Error {
  const file = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~empty-dir/${volumeName}/${path}`
  return new Error(`environment variable key ${JSON.stringify(key)} not found in file ${JSON.stringify(file)}`)
}

/**
 * The value of a variable in the text of an environment file: `NAME='value'` lines, values of several lines among them.
 * '' when it is not there, or has a blank after its `=`; undefined when a line up to it is none of this form.
 */
export function valueIn(text: string, key: string): string | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const [, name, assigned] = /^([^=]*[^= \t])=(.*)$/s.exec(line) ?? []
    if (name === undefined || assigned === undefined) return undefined
    // In a shell, too, this is an empty value.
    if (/^[ \t]/.test(assigned)) {
      if (name === key) return ''
      continue
    }
    if (!assigned.startsWith("'")) return undefined
    let value = assigned.slice(1)
    while (!value.includes("'")) {
      i++
      if (i === lines.length) return undefined
      value += `\n${lines[i]}`
    }
    const end = value.indexOf("'")
    if (!/^[ \t]*(#|$)/.test(value.slice(end + 1))) return undefined
    if (name === key) return value.slice(0, end)
  }
  return ''
}
