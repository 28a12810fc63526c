{{/*
What the schema cannot say. No message repeats a secret. Called once, by the ConfigMap, which every
rendering contains.
*/}}
{{- define "todo-app.validate" -}}
{{- $secrets := .Values.secrets -}}
{{- $own := dict "databaseUrl" $secrets.databaseUrl "jwtSecret" $secrets.jwtSecret "betterAuthSecret" $secrets.betterAuthSecret "openaiApiKey" $secrets.openaiApiKey -}}
{{- if $secrets.existingSecret -}}
  {{- range $name, $value := $own -}}
    {{- if $value -}}
      {{- fail (printf "secrets.%s has no effect beside secrets.existingSecret: set one or the other" $name) -}}
    {{- end -}}
  {{- end -}}
{{- else -}}
  {{- /* Only a cluster lists kinds: there a missing secret is refused before anything is changed, while `helm template` alone still renders. */ -}}
  {{- if .Capabilities.APIVersions.Has "v1/Pod" -}}
    {{- range $name := list "databaseUrl" "jwtSecret" "betterAuthSecret" -}}
      {{- if not (get $own $name) -}}
        {{- fail (printf "secrets.%s is required, or secrets.existingSecret with the name of a Secret that has it" $name) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if $secrets.databaseUrl -}}
    {{- if not (regexMatch "^postgres(ql)?(\\+[a-z0-9]+)?://[^/?#]+/[^/?#]+" $secrets.databaseUrl) -}}
      {{- fail "secrets.databaseUrl must be a URL such as postgresql://user:password@host:5432/database" -}}
    {{- end -}}
  {{- end -}}
  {{- range $name := list "jwtSecret" "betterAuthSecret" -}}
    {{- $value := get $own $name -}}
    {{- if and $value (lt (len $value) 32) -}}
      {{- fail (printf "secrets.%s must have at least 32 characters; make one with: openssl rand -base64 32" $name) -}}
    {{- end -}}
  {{- end -}}
  {{- if and (has .Values.backend.llm.provider (list "openai" "openrouter")) (.Capabilities.APIVersions.Has "v1/Pod") (not $secrets.openaiApiKey) -}}
    {{- fail (printf "secrets.openaiApiKey is required with backend.llm.provider=%s" .Values.backend.llm.provider) -}}
  {{- end -}}
{{- end -}}
{{- if and (has .Values.backend.llm.provider (list "ollama" "openai-compatible")) (not .Values.backend.llm.baseUrl) -}}
  {{- fail (printf "backend.llm.baseUrl is required with backend.llm.provider=%s" .Values.backend.llm.provider) -}}
{{- end -}}
{{- if and (eq .Values.backend.llm.provider "openai-compatible") (not .Values.backend.llm.model) -}}
  {{- fail "backend.llm.model is required with backend.llm.provider=openai-compatible" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.backend.metricsPort) -}}
  {{- fail "serviceMonitor.enabled needs backend.metricsPort, such as 9464: without it there are no metrics" -}}
{{- end -}}
{{- if eq (int .Values.backend.metricsPort) (int .Values.backend.containerPort) -}}
  {{- fail "backend.metricsPort and backend.containerPort must differ: who reaches the one needn't reach the other" -}}
{{- end -}}
{{- if eq (int .Values.backend.metricsPort) (int .Values.backend.service.port) -}}
  {{- fail "backend.metricsPort and backend.service.port must differ: a Service has each port once" -}}
{{- end -}}
{{- $nodePorts := list -}}
{{- range $name := list "backend" "frontend" -}}
  {{- $service := (get $.Values $name).service -}}
  {{- if and $service.nodePort (ne $service.type "ClusterIP") -}}
    {{- if has (int $service.nodePort) $nodePorts -}}
      {{- fail "backend.service.nodePort and frontend.service.nodePort must differ: a node has each port once" -}}
    {{- end -}}
    {{- $nodePorts = append $nodePorts (int $service.nodePort) -}}
  {{- end -}}
{{- end -}}
{{- if and $secrets.checksum (not $secrets.existingSecret) -}}
  {{- fail "secrets.checksum has no effect without secrets.existingSecret: the chart computes that of its own Secret" -}}
{{- end -}}
{{- if not .Values.networkPolicy.enabled -}}
  {{- range $name := list "metricsFrom" "backendFrom" "frontendFrom" -}}
    {{- if get $.Values.networkPolicy $name -}}
      {{- fail (printf "networkPolicy.%s keeps nobody out without networkPolicy.enabled" $name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $reserved := list "app" "component" "version" "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/version" "app.kubernetes.io/part-of" "app.kubernetes.io/component" "app.kubernetes.io/managed-by" "helm.sh/chart" "todo-app/dev" -}}
{{- range $where, $labels := dict "global.commonLabels" .Values.global.commonLabels "backend.podLabels" .Values.backend.podLabels "frontend.podLabels" .Values.frontend.podLabels -}}
  {{- range $label, $_ := $labels -}}
    {{- if has $label $reserved -}}
      {{- fail (printf "%s can't set the label %s: it is the chart's own, by which Services and people find the pods" $where $label) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $name := list "backend" "frontend" -}}
  {{- range (get $.Values $name).extraVolumes -}}
    {{- if has .name (list "tmp" "next-cache" "dev" "dev-program") -}}
      {{- fail (printf "%s.extraVolumes can't have the name %s: the chart's own volume has it" $name .name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if eq (include "todo-app.backend.fullname" .) (include "todo-app.frontend.fullname" .) -}}
  {{- fail "backend.fullnameOverride and frontend.fullnameOverride must differ" -}}
{{- end -}}
{{- range $name := list "backend" "frontend" -}}
  {{- $component := get $.Values $name -}}
  {{- if and $component.dev.enabled (ne $.Values.global.environment "development") -}}
    {{- fail (printf "%s.dev.enabled is for global.environment=development only: pods run their image everywhere else" $name) -}}
  {{- end -}}
  {{- if le (int $component.terminationGracePeriodSeconds) (add (int $component.preStopSleepSeconds) 5) -}}
    {{- fail (printf "%s.terminationGracePeriodSeconds must exceed preStopSleepSeconds by more than 5, or requests under way are cut off" $name) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
