/**
 * Starts the controllers of kube-controller-manager, each as its own user, as `--use-service-account-credentials` does
 * in a cluster made by kubeadm.
 */
import type { Client, Informers, UserInfo } from '../api/client.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Controller, ControllerContext } from './controller.js'
import { startDeploymentController } from './deployment.js'
import { EventRecorder } from './events.js'
import { startReplicaSetController } from './replicaset.js'
import { startReplicationControllerController } from './replicationcontroller.js'

export interface ControllersOptions {
  /** Gives a client that acts as a user. */
  client(user: UserInfo): Client
  informers: Informers
  clock: Clock
  random: Random
  /** The names of the controllers to run; all by default. */
  only?: readonly string[]
  /** Told of errors that a controller could not deal with itself. */
  log?(message: string, error: unknown): void
}

/** A service account of kube-system, as which a controller acts. */
export function controllerUser(name: string): UserInfo {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  }
}

type Start = (ctx: ControllerContext) => Controller

/** Starts all controllers. Their work begins as soon as the informers they use have synced. */
export function startControllers(options: ControllersOptions): Controller {
  const { informers, clock, random } = options
  const log = options.log ?? (() => {})
  const running: Controller[] = []

  const start = (name: string, run: Start): void => {
    if (options.only && !options.only.includes(name)) return
    const client = options.client(controllerUser(name))
    const onError = (error: unknown): void => log(`recording an event of ${name} failed`, error)
    const events = new EventRecorder({ client, clock, component: name, onError })
    running.push(run({ client, informers, clock, random: random.fork(name), events, log }))
  }

  start('replicaset-controller', startReplicaSetController)
  start('replication-controller', startReplicationControllerController)
  start('deployment-controller', startDeploymentController)

  return {
    name: 'kube-controller-manager',
    stop() {
      for (const controller of running) controller.stop()
    },
  }
}
