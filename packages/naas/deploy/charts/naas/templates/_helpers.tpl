{{- define "naas.name" -}}
{{- .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "naas.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "naas.selector" -}}
app.kubernetes.io/name: {{ include "naas.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "naas.labels" -}}
{{ include "naas.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "naas.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "naas.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "naas.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{/* Settings as TOML: of text, numbers, booleans and lists of text, JSON is also TOML. */}}
{{- define "naas.toml" -}}
{{- range $name, $value := . }}
{{ $name }} = {{ toJson $value }}
{{- end }}
{{- end -}}

{{/* The security of a pod and of its container, the same for all. */}}
{{- define "naas.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "naas.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The pod of the API, or of everything: a dictionary with root, command and data (the name of a claim, or ""). */}}
{{- define "naas.apiPod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "naas.selector" $root | nindent 4 }}
    app.kubernetes.io/component: api
  annotations:
    checksum/config: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    {{- with $root.Values.api.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "naas.serviceAccount" $root }}
  automountServiceAccountToken: false
  # Kubernetes would set NAAS_PORT=tcp://… for a service called naas.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "naas.podSecurity" $root | nindent 4 }}
  containers:
    - name: naas
      image: {{ include "naas.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ .command }}]
      env:
        - { name: NAAS_CONFIG_FILE, value: /etc/naas/api.toml }
        - { name: NAAS_HOST, value: "0.0.0.0" }
        - { name: NAAS_PORT, value: "8443" }
        - { name: NAAS_TLS_CERT, value: /etc/naas/tls/tls.crt }
        - { name: NAAS_TLS_KEY, value: /etc/naas/tls/tls.key }
        - { name: NAAS_LOG_FORMAT, value: json }
      envFrom:
        - secretRef: { name: {{ required "existingSecret names a secret with NAAS_ENCRYPTION_KEY" $root.Values.existingSecret | quote }} }
      ports:
        - { name: https, containerPort: 8443 }
      startupProbe:
        httpGet: { path: /livez, port: https, scheme: HTTPS }
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: { path: /livez, port: https, scheme: HTTPS }
        periodSeconds: 15
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: https, scheme: HTTPS }
        periodSeconds: 5
        timeoutSeconds: 5
      resources:
        {{- toYaml $root.Values.api.resources | nindent 8 }}
      securityContext:
        {{- include "naas.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/naas/api.toml, subPath: api.toml, readOnly: true }
        - { name: tls, mountPath: /etc/naas/tls, readOnly: true }
        - { name: data, mountPath: /var/lib/naas }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      configMap: { name: {{ include "naas.fullname" $root }} }
    - name: tls
      secret:
        secretName: {{ required "tls.existingSecret names a secret of the type kubernetes.io/tls" $root.Values.tls.existingSecret | quote }}
    {{- if .claim }}
    - name: data
      persistentVolumeClaim: { claimName: {{ .claim | quote }} }
    {{- else if .isScaled }}
    - name: data
      emptyDir: { sizeLimit: 64Mi }
    {{- end }}
    - name: tmp
      emptyDir: { sizeLimit: 16Mi }
  {{- with $root.Values.api.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.api.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.api.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
