/** gcr.io/google-samples/hello-frontend: nginx before the Service `hello` ("Connect a Frontend to a Backend Using Services"). */
import type { ImageFamily } from '../image.js'
import { nginx } from '../nginx/family.js'

const FRONTEND = `# The identifier Backend is internal to nginx, and used to name this specific upstream
upstream Backend {
    # hello is the internal DNS name used by the backend Service inside Kubernetes
    server hello;
}

server {
    listen 80;

    location / {
        # The following statement will proxy traffic to the upstream named Backend
        proxy_pass http://Backend;
    }
}
`

export const helloFrontend: ImageFamily = {
  repositories: ['gcr.io/google-samples/hello-frontend'],
  tags: ['1.0'],
  tag(tag) {
    if (tag !== '1.0') return undefined
    const base = nginx.tag('1.15.8')!
    const { '/etc/nginx/conf.d/default.conf': _default, ...files } = base.files()
    return { ...base, files: () => ({ ...files, '/etc/nginx/conf.d/frontend.conf': FRONTEND }) }
  },
}
