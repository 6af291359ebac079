<#
.SYNOPSIS
Checks the data before training: schema, values, times, months.

.DESCRIPTION
Calls "taxi-fare check data" in the project's root, wherever it is called
from: relative paths are those of the project. Without -TestMonth and
-TrainMonths, it checks the months of the legacy mode, as a step before
run_ex05.ps1; with either, those of the sliding window. The exit code is that
of the command: 0 ready, others as run_pipeline.ps1 -Help lists them.

.PARAMETER TestMonth
Test month of the sliding window, for example 2023-06.

.PARAMETER TrainMonths
Training months, for example 2023-03,2023-04,2023-05. Default: the three
months before the test month.

.PARAMETER SkipMissing
Go on with the months that are there when some are missing.

.PARAMETER Legacy
Check the legacy months. The default; -Legacy:$false is the sliding window
of the current month.

.PARAMETER DataBasePath
Where the months are: a folder or an s3a:// address.

.PARAMETER Json
Print one JSON document.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_tests_pre_train.ps1

The legacy months.

.EXAMPLE
.\run_tests_pre_train.ps1 -TestMonth 2023-06

The four months of the sliding window.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $TestMonth,
    [string[]] $TrainMonths,
    [switch] $SkipMissing,
    [switch] $Legacy,
    [string] $DataBasePath,
    [switch] $Json,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    TestMonth    = '--test-month'
    TrainMonths  = '--train-months'
    SkipMissing  = '--skip-missing'
    Legacy       = '--legacy'
    DataBasePath = '--data-base-path'
    Json         = '--json'
}
$given = $PSBoundParameters
$window = 'TestMonth', 'TrainMonths', 'Legacy'
if (-not ($window | Where-Object { $given.ContainsKey($_) })) {
    $given['Legacy'] = [switch] $true
}
Invoke-TaxiFare @('check', 'data') $options $given
exit $LASTEXITCODE
