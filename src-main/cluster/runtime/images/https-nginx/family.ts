/**
 * bprashanth/nginxhttps of the tutorial on connecting applications with Services: an nginx that reads its configuration
 * anew when the file of its ConfigMap changes (https://kubernetes.io/docs/tutorials/services/connect-applications-service/).
 */
import type { ImageFamily } from '../image.js'
import { nginx } from '../nginx/family.js'

const SCRIPT = '/home/auto-reload-nginx.sh'
/** The nginx in it. */
const VERSION = '1.9'

/** Starts nginx, then compares the configuration every few seconds. */
const RELOAD = `#!/bin/sh
conf=/etc/nginx/conf.d/default.conf
nginx "$@"
before=$(cksum "$conf")
while sleep 5; do
  now=$(cksum "$conf")
  [ "$now" = "$before" ] && continue
  before=$now
  echo "At $(date '+%H:%M on %d/%m/%y'), config file update detected."
  nginx -s reload
done
`

export const httpsNginx: ImageFamily = {
  repositories: ['docker.io/bprashanth/nginxhttps'],
  tags: ['1.0', 'latest'],
  tag(tag) {
    if (!this.tags.includes(tag)) return undefined
    const base = nginx.tag(VERSION)!
    return {
      ...base,
      cmd: [SCRIPT],
      exposedPorts: [80, 443],
      stopSignal: 'TERM',
      size: 79_000_000,
      files: () => ({ ...base.files(), [SCRIPT]: { data: RELOAD, mode: 0o755 } }),
    }
  },
}
