<#
.SYNOPSIS
Trains the legacy model and writes its metrics and error analysis.

.DESCRIPTION
Calls "taxi-fare train-legacy" in the project's root, wherever it is called
from: relative paths are those of the project. The model goes to
models/ex05_spark_model. The exit code is that of the command: 0 done, others
as run_pipeline.ps1 -Help lists them.

.PARAMETER Months
Months to learn from. Default: 2023-01,2023-02.

.PARAMETER Force
Train again even when there is a model of the same months.

.PARAMETER DataBasePath
Where the months are: a folder or an s3a:// address.

.PARAMETER ReportsDir
Folder of the reports. Default: reports.

.PARAMETER Json
Print one JSON document.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_ex05.ps1

Trains on 2023-01 and 2023-02.

.EXAMPLE
.\run_ex05.ps1 -Months 2023-03,2023-04 -Force

Trains again, on other months.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string[]] $Months,
    [switch] $Force,
    [string] $DataBasePath,
    [string] $ReportsDir,
    [switch] $Json,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    Months       = '--months'
    Force        = '--force'
    DataBasePath = '--data-base-path'
    ReportsDir   = '--reports-dir'
    Json         = '--json'
}
Invoke-TaxiFare @('train-legacy') $options $PSBoundParameters
exit $LASTEXITCODE
