<#
.SYNOPSIS
Checks the quality of the trained model: RMSE, MAE, R2.

.DESCRIPTION
Calls "taxi-fare check model" in the project's root, wherever it is called
from: relative paths are those of the project. Without a parameter it checks
the metrics that the last training wrote to the reports. The exit code is that
of the command: 0 accepted, others as run_pipeline.ps1 -Help lists them.

.PARAMETER ReportsDir
Folder of the reports. Default: reports.

.PARAMETER ModelPath
Folder of the model to check.

.PARAMETER RegistryPath
Folder of the model registry whose model to check, instead of -ModelPath.

.PARAMETER Json
Print one JSON document.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_tests_post_train.ps1

The model that was trained last.

.EXAMPLE
.\run_tests_post_train.ps1 -RegistryPath models/registry

The model of the registry.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $ReportsDir,
    [string] $ModelPath,
    [string] $RegistryPath,
    [switch] $Json,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    ReportsDir   = '--reports-dir'
    ModelPath    = '--model-path'
    RegistryPath = '--model-registry-path'
    Json         = '--json'
}
Invoke-TaxiFare @('check', 'model') $options $PSBoundParameters
exit $LASTEXITCODE
