import type { Component } from 'vue'
import { RELEASES } from '../../app/release-kind.js'
import ReleaseDetails from '../helm/ReleaseDetails.vue'
import BindingDetails from './BindingDetails.vue'
import BudgetDetails from './BudgetDetails.vue'
import ConfigMapDetails from './ConfigMapDetails.vue'
import DeploymentDetails from './DeploymentDetails.vue'
import GatewayDetails from './GatewayDetails.vue'
import GenericDetails from './GenericDetails.vue'
import HpaDetails from './HpaDetails.vue'
import IngressDetails from './IngressDetails.vue'
import JobDetails from './JobDetails.vue'
import LimitRangeDetails from './LimitRangeDetails.vue'
import NamespaceDetails from './NamespaceDetails.vue'
import NetworkPolicyDetails from './NetworkPolicyDetails.vue'
import NodeDetails from './NodeDetails.vue'
import PodDetails from './PodDetails.vue'
import QuotaDetails from './QuotaDetails.vue'
import RoleDetails from './RoleDetails.vue'
import RouteDetails from './RouteDetails.vue'
import SecretDetails from './SecretDetails.vue'
import ServiceAccountDetails from './ServiceAccountDetails.vue'
import ServiceDetails from './ServiceDetails.vue'
import StorageDetails from './StorageDetails.vue'
import VpaDetails from './VpaDetails.vue'

/** Details made for a kind, by its resource. */
const views: Record<string, Component> = {
  pods: PodDetails,
  'deployments.apps': DeploymentDetails,
  'statefulsets.apps': DeploymentDetails,
  'daemonsets.apps': DeploymentDetails,
  'replicasets.apps': DeploymentDetails,
  replicationcontrollers: DeploymentDetails,
  services: ServiceDetails,
  configmaps: ConfigMapDetails,
  secrets: SecretDetails,
  nodes: NodeDetails,
  namespaces: NamespaceDetails,
  'horizontalpodautoscalers.autoscaling': HpaDetails,
  'verticalpodautoscalers.autoscaling.k8s.io': VpaDetails,
  'poddisruptionbudgets.policy': BudgetDetails,
  'gateways.gateway.networking.k8s.io': GatewayDetails,
  'httproutes.gateway.networking.k8s.io': RouteDetails,
  'grpcroutes.gateway.networking.k8s.io': RouteDetails,
  'tlsroutes.gateway.networking.k8s.io': RouteDetails,
  'tcproutes.gateway.networking.k8s.io': RouteDetails,
  'udproutes.gateway.networking.k8s.io': RouteDetails,
  'ingresses.networking.k8s.io': IngressDetails,
  'networkpolicies.networking.k8s.io': NetworkPolicyDetails,
  'jobs.batch': JobDetails,
  'cronjobs.batch': JobDetails,
  resourcequotas: QuotaDetails,
  limitranges: LimitRangeDetails,
  serviceaccounts: ServiceAccountDetails,
  persistentvolumeclaims: StorageDetails,
  persistentvolumes: StorageDetails,
  'storageclasses.storage.k8s.io': StorageDetails,
  'roles.rbac.authorization.k8s.io': RoleDetails,
  'clusterroles.rbac.authorization.k8s.io': RoleDetails,
  'rolebindings.rbac.authorization.k8s.io': BindingDetails,
  'clusterrolebindings.rbac.authorization.k8s.io': BindingDetails,
  [RELEASES]: ReleaseDetails,
}

/**
 * What shows the overview of an object of a kind; a kind that has nothing made for it is shown from the object itself.
 * @param resource the resource and its group, as in `deployments.apps`
 */
export const viewOf = (resource: string): Component => views[resource] ?? GenericDetails
