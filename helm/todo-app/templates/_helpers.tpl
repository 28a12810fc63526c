{{/* Name of the application: the `app` label. */}}
{{- define "todo-app.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Prefix of resource names; 53 characters leave room for the longest suffix within DNS's 63. */}}
{{- define "todo-app.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "todo-app.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names of the back end's and the front end's Deployment and Service. */}}
{{- define "todo-app.backend.fullname" -}}
{{- .Values.backend.fullnameOverride | default (printf "%s-backend" (include "todo-app.fullname" .)) -}}
{{- end -}}
{{- define "todo-app.frontend.fullname" -}}
{{- .Values.frontend.fullnameOverride | default (printf "%s-frontend" (include "todo-app.fullname" .)) -}}
{{- end -}}

{{- define "todo-app.configMapName" -}}
{{- include "todo-app.fullname" . }}-config
{{- end -}}

{{- define "todo-app.secretName" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "todo-app.fullname" .)) -}}
{{- end -}}

{{- define "todo-app.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "todo-app.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "todo-app.namespace" -}}
{{- .Values.global.namespace.name | default .Release.Namespace -}}
{{- end -}}

{{/* Version of the application, and the same as a label's value. */}}
{{- define "todo-app.version" -}}
{{- .Values.global.appVersion | default .Chart.AppVersion -}}
{{- end -}}
{{- define "todo-app.versionLabel" -}}
{{- regexReplaceAll "[^A-Za-z0-9._-]" (include "todo-app.version" .) "_" | trunc 63 | trimAll "._-" -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "todo-app.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "todo-app.commonLabels" . }}
{{- end -}}

{{/* The part of the labels that a chart's version does not change, and so may stand on pods. */}}
{{- define "todo-app.commonLabels" -}}
app: {{ include "todo-app.name" . }}
version: {{ include "todo-app.versionLabel" . | quote }}
app.kubernetes.io/name: {{ include "todo-app.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ include "todo-app.versionLabel" . | quote }}
app.kubernetes.io/part-of: {{ include "todo-app.name" . }}
{{- with .Values.global.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
What follows takes a component: (dict "root" $ "name" "backend" "values" .Values.backend).
*/}}

{{/* Labels that tie pods to their Deployment, Service and budget. Immutable once deployed. */}}
{{- define "todo-app.component.selectorLabels" -}}
app.kubernetes.io/name: {{ include "todo-app.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "todo-app.component.labels" -}}
{{ include "todo-app.labels" .root }}
component: {{ .name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "todo-app.component.podLabels" -}}
{{ include "todo-app.commonLabels" .root }}
component: {{ .name }}
app.kubernetes.io/component: {{ .name }}
{{- if .values.dev.enabled }}
todo-app/dev: "true"
{{- end }}
{{- with .values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "todo-app.component.image" -}}
{{- printf "%s:%s" .values.image.repository (.values.image.tag | default (include "todo-app.version" .root)) -}}
{{- end -}}

{{/* Annotations of the pods. Each checksum covers what this component reads, so nothing else restarts it. */}}
{{- define "todo-app.component.podAnnotations" -}}
{{- $sources := include (printf "todo-app.%s.sources" .name) .root | fromYaml -}}
{{- $configData := include "todo-app.configData" .root | fromYaml -}}
{{- $config := dict -}}
{{- range $key := values $sources.config }}{{ $_ := set $config $key (get $configData $key) }}{{ end -}}
checksum/config: {{ $config | toJson | sha256sum }}
{{- if not .root.Values.secrets.existingSecret }}
{{- $secretData := include "todo-app.secretData" .root | fromYaml }}
{{- $secret := dict }}
{{- range $key, $_ := $sources.secret }}{{ $_ := set $secret $key (get $secretData $key) }}{{ end }}
checksum/secret: {{ $secret | toJson | sha256sum }}
{{- else if .root.Values.secrets.checksum }}
checksum/secret: {{ .root.Values.secrets.checksum | quote }}
{{- end }}
{{- if .values.dev.enabled }}
checksum/dev: {{ .root.Files.Get (include "todo-app.component.devFile" .) | sha256sum }}
{{- end }}
{{- with .values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Number of pods: a pod under development has sources of its own, so there is one. */}}
{{- define "todo-app.component.replicas" -}}
{{- .values.dev.enabled | ternary 1 .values.replicaCount -}}
{{- end -}}

{{- define "todo-app.component.resources" -}}
{{- toYaml (.values.dev.enabled | ternary .values.dev.resources .values.resources) -}}
{{- end -}}

{{/* Port that a pod under development opens once something has served. */}}
{{- define "todo-app.component.servedPort" -}}
{{- add .values.containerPort 1 -}}
{{- end -}}

{{/* What runs first in a pod under development; the ConfigMap's key is its last part. */}}
{{- define "todo-app.component.devFile" -}}
files/dev/{{ eq .name "backend" | ternary "backend.py" "frontend.mjs" }}
{{- end -}}
{{- define "todo-app.devConfigMapName" -}}
{{- include "todo-app.fullname" . }}-dev
{{- end -}}

{{/* Volumes of a pod under development: the sources, and the program that runs them. */}}
{{- define "todo-app.component.devVolumes" -}}
- name: dev
  emptyDir:
    sizeLimit: {{ eq .name "backend" | ternary "64Mi" "2Gi" }}
- name: dev-program
  configMap:
    name: {{ include "todo-app.devConfigMapName" .root }}
    items:
      - key: {{ base (include "todo-app.component.devFile" .) }}
        path: {{ base (include "todo-app.component.devFile" .) }}
{{- end -}}

{{/* Environment of a component's containers; a name in extraEnv replaces the chart's. */}}
{{- define "todo-app.component.env" -}}
{{- $root := .root -}}
{{- $sources := include (printf "todo-app.%s.sources" .name) $root | fromYaml -}}
{{- $own := dict -}}
{{- range .values.extraEnv }}{{ $_ := set $own .name true }}{{ end -}}
{{- range $name, $key := $sources.config }}
{{- if not (hasKey $own $name) }}
- name: {{ $name }}
  valueFrom:
    configMapKeyRef:
      name: {{ include "todo-app.configMapName" $root }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- range $name, $need := $sources.secret }}
{{- if not (hasKey $own $name) }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "todo-app.secretName" $root }}
      key: {{ $name }}
      {{- if eq $need "optional" }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "todo-app.component.probes" -}}
{{- range $probe := list "startup" "liveness" "readiness" }}
{{- with get $.values.probes $probe }}
{{ $probe }}Probe:
  {{- /*
    Under development no wrong edit may restart the container, and no busy moment take the one pod's address: the
    supervisor holds the port whatever serves, and opens another once something has served.
  */ -}}
  {{- if $.values.dev.enabled }}
  tcpSocket:
    port: {{ eq $probe "readiness" | ternary "served" "http" }}
  {{- else }}
  httpGet:
    path: {{ .path }}
    port: http
  {{- end }}
  periodSeconds: {{ .periodSeconds }}
  timeoutSeconds: {{ .timeoutSeconds }}
  failureThreshold: {{ .failureThreshold }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where and as whom a component's pods run. */}}
{{- define "todo-app.component.podSettings" -}}
{{ include "todo-app.podSettings" .root }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
{{- else if gt (int .values.replicaCount) 1 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    # One node, as on Minikube, must not keep the second pod from starting.
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "todo-app.component.selectorLabels" . | nindent 8 }}
    matchLabelKeys:
      - pod-template-hash
{{- end }}
{{- end -}}

{{/* Settings of every pod of the release. */}}
{{- define "todo-app.podSettings" -}}
serviceAccountName: {{ include "todo-app.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.global.podSecurityContext | nindent 2 }}
{{- end -}}
