/** Where Drydock keeps its data on each OS. A file outside of the rooms: main, backend and cluster must agree on it. */
import os from 'node:os'
import path from 'node:path'

/** The app's data directory: `$DRYDOCK_DATA`, or where the OS wants application data. */
export function defaultDataDirectory(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.DRYDOCK_DATA) return path.resolve(env.DRYDOCK_DATA)
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support', 'Drydock')
  if (platform === 'win32') return path.join(env.APPDATA ?? path.join(os.homedir(), 'AppData', 'Roaming'), 'Drydock')
  return path.join(env.XDG_DATA_HOME || path.join(os.homedir(), '.local', 'share'), 'drydock')
}

/** The directory of one embedded cluster. */
export function clusterDirectory(data: string, name: string): string {
  return path.join(data, 'clusters', name)
}

/** The kubeconfig that an embedded cluster writes. */
export function clusterKubeconfig(data: string, name: string): string {
  return path.join(clusterDirectory(data, name), 'kubeconfig')
}

/** What a person typed as a path, with `~` at its beginning as their home. */
export function withHome(given: string): string {
  return given.trim().replace(/^~(?=$|[/\\])/, os.homedir())
}
