<#
.SYNOPSIS
Predicts the total amount of the trips of a month.

.DESCRIPTION
Calls "taxi-fare predict" in the project's root, wherever it is called from:
relative paths are those of the project. Without -Month, -ModelPath and
-RegistryPath, it predicts the legacy month with the legacy model, as a step
after run_ex05.ps1; with any of them, it is the prediction of the sliding
window. The exit code is that of the command: 0 done, others as
run_pipeline.ps1 -Help lists them.

.PARAMETER Month
Month to predict, for example 2023-06.

.PARAMETER ModelPath
Folder of the model to use.

.PARAMETER RegistryPath
Folder of the model registry whose current model to use, instead of
-ModelPath.

.PARAMETER Output
File of the predictions.

.PARAMETER Legacy
Predict in the legacy mode. The default; -Legacy:$false uses the current model
of the registry.

.PARAMETER DataBasePath
Where the months are: a folder or an s3a:// address.

.PARAMETER ReportsDir
Folder of the reports. Default: reports.

.PARAMETER Json
Print one JSON document.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_predict.ps1

The legacy month with the legacy model.

.EXAMPLE
.\run_predict.ps1 -Month 2023-06

A month with the current model of the registry.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $Month,
    [string] $ModelPath,
    [string] $RegistryPath,
    [string] $Output,
    [switch] $Legacy,
    [string] $DataBasePath,
    [string] $ReportsDir,
    [switch] $Json,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    Month        = '--month'
    ModelPath    = '--model-path'
    RegistryPath = '--model-registry-path'
    Output       = '--output'
    Legacy       = '--legacy'
    DataBasePath = '--data-base-path'
    ReportsDir   = '--reports-dir'
    Json         = '--json'
}
$given = $PSBoundParameters
$window = 'Month', 'ModelPath', 'RegistryPath', 'Legacy'
if (-not ($window | Where-Object { $given.ContainsKey($_) })) {
    $given['Legacy'] = [switch] $true
}
Invoke-TaxiFare @('predict') $options $given
exit $LASTEXITCODE
