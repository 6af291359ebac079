<#
.SYNOPSIS
Checks that the predictions are plausible fares.

.DESCRIPTION
Calls "taxi-fare check predictions" in the project's root, wherever it is
called from: relative paths are those of the project. Without a parameter it
checks what the last prediction wrote. The exit code is that of the command:
0 accepted, others as run_pipeline.ps1 -Help lists them.

.PARAMETER Predictions
File of the predictions. Default: the one that the last prediction wrote.

.PARAMETER ReportsDir
Folder of the reports. Default: reports.

.PARAMETER Json
Print one JSON document.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_tests_post_predict.ps1

The last predictions.

.EXAMPLE
.\run_tests_post_predict.ps1 -Predictions reports/june.parquet -Json

Those of a file, for a program to read.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $Predictions,
    [string] $ReportsDir,
    [switch] $Json,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    Predictions = '--predictions'
    ReportsDir  = '--reports-dir'
    Json        = '--json'
}
Invoke-TaxiFare @('check', 'predictions') $options $PSBoundParameters
exit $LASTEXITCODE
